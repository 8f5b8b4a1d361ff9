"""What came in: parcels, kept byte for byte before anything is derived from them (P1)."""

from __future__ import annotations

from django.db import models


class Parcel(models.Model):
    """One thing that came in. Complete once ``received_at`` is set; its bytes are its parts in order."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=300)
    media_type = models.CharField(max_length=120, blank=True)
    size = models.BigIntegerField()
    sha256 = models.BinaryField(db_index=True)
    received_by = models.CharField(max_length=80)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "parcel"


class ParcelPart(models.Model):
    """A slice of a parcel, as a blob of at most 4 MiB."""

    id = models.BigAutoField(primary_key=True)
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="parts")
    no = models.IntegerField()
    blob = models.ForeignKey("vault.Blob", on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "parcel_part"
        constraints = [models.UniqueConstraint(fields=["parcel", "no"], name="parcel_part_once")]
