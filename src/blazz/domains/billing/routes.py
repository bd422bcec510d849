"""HTTP for usage."""

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel

from blazz.domains.billing import service
from blazz.kernel.http import WorkspaceRoute, WorkspaceScope

router = APIRouter(route_class=WorkspaceRoute, prefix="/usage", tags=["usage"])


class UsageOut(BaseModel):
    """Messages of one period."""

    period: str
    starts_on: date
    used: int
    reserved: int
    limit: int


@router.get("", operation_id="get_usage", summary="Messages used today and this month")
async def get_usage(scope: WorkspaceScope) -> list[UsageOut]:
    """Read usage against the plan."""
    found = await service.get_usage(scope.tx, scope.actor, scope.runtime.clock.now())
    return [
        UsageOut(period=item.period, starts_on=item.starts_on, used=item.used, reserved=item.reserved, limit=item.limit)
        for item in found
    ]
