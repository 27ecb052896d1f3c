"""What surrounds the screws of a request: bones, image, vessels, iliac wings, what is implanted."""

from typing import Self

from attrs import field, frozen

from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.plan.hardware import hardware, without_own
from keyhole.plan.model import Request
from keyhole.plan.obstacles import VESSELS, WINGS, Obstacle, obstacles
from keyhole.plan.settings import Settings
from keyhole.scan.volume import Volume


@frozen(kw_only=True)
class Scene:
    """What surrounds the screws; `accept` holds the codes that the user took upon himself."""

    spine: Spine
    image: Volume | None
    settings: Settings
    seed: int = 0
    accept: tuple[str, ...] = ()
    vessels: tuple[Obstacle, ...] = field(default=(), repr=False)
    wings: tuple[Obstacle, ...] = field(default=(), repr=False)
    hardware: tuple[Obstacle, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, spine: Spine, image: Volume | None, settings: Settings, request: Request) -> Self:
        """The scene round a spine, with what its label map and the CT show."""
        return cls(
            spine=spine,
            image=image,
            settings=settings,
            seed=request.seed,
            accept=request.accept,
            vessels=obstacles(spine.labels, VESSELS),
            wings=obstacles(spine.labels, WINGS),
            hardware=hardware(spine, image),
        )

    def hardware_for(self, vertebra: Vertebra) -> tuple[Obstacle, ...]:
        """What is implanted, without a level's own metal where the user accepts metal."""
        return without_own(self.hardware, vertebra) if "metal" in self.accept else self.hardware
