"""What identity's routes share with those that open sessions elsewhere."""

from typing import Annotated

from pydantic import BaseModel, Field

LinkToken = Annotated[str, Field(min_length=1, max_length=300)]


class SessionOut(BaseModel):
    """A fresh session; send ``csrf_token`` back as ``X-CSRF-Token`` with every change."""

    user_id: str
    email: str
    name: str
    csrf_token: str
