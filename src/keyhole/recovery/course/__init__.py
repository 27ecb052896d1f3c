"""Everything that happened to one patient, in order, and the files that hold it."""

from keyhole.recovery.course.csv_files import read_courses, write_courses
from keyhole.recovery.course.json_file import read_course, write_course
from keyhole.recovery.course.model import Answered, Course, Episode, Event, Intake, Measure

__all__ = [
    "Answered",
    "Course",
    "Episode",
    "Event",
    "Intake",
    "Measure",
    "read_course",
    "read_courses",
    "write_course",
    "write_courses",
]
