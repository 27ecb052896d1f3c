"""Medicines: opioids as morphine milligram equivalents, what they were and when they stopped."""

from keyhole.recovery.medicines.mme import Opioids, Sum, factor_of, mme_of, opioids

__all__ = ["Opioids", "Sum", "factor_of", "mme_of", "opioids"]
