"""The metrics of one process, in one place so that names stay few and consistent (no workspace labels)."""

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

HTTP_SECONDS = Histogram(
    "blazz_http_request_duration_seconds",
    "Time to answer a request",
    ["route", "method", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
WEBHOOK_EVENTS = Counter("blazz_webhook_events_total", "Provider events by what became of them", ["result"])
WEBHOOK_SPOOL = Gauge("blazz_webhook_spool_records", "Deliveries waiting on the local disk for the database")
SENDS = Counter("blazz_sends_total", "Provider calls by outcome", ["outcome"])
SEND_SECONDS = Histogram("blazz_send_duration_seconds", "Time of one provider call")
LANE_DEPTH = Gauge("blazz_send_lane_depth", "Messages claimed and not yet settled in this process")
JOBS = Counter("blazz_jobs_total", "Background jobs by name and outcome", ["name", "outcome"])
IMPORT_ROWS = Counter("blazz_import_rows_total", "Imported rows by outcome", ["outcome"])
STORAGE_LEVEL = Gauge("blazz_storage_level", "Room for data: 0 plenty, 1 low, 2 so little that bulk work waits")
STORAGE_FREE_BYTES = Gauge("blazz_storage_free_bytes", "Free bytes on the fullest disk that holds data")
DATABASE_BYTES = Gauge("blazz_database_bytes", "Size of the database")


def render_metrics() -> bytes:
    """Write all metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)
