"""Create the automations of alerts.yaml on Prefect's server, with messages to a webhook.

    read -rs ALERT_URL && export ALERT_URL      # of Slack, Mattermost, Teams, ntfy or a service of your own
    python deployments/create_alerts.py

A message is a POST of JSON with the key `text`. The server keeps the address encrypted, in the block
`labelhouse-alerts`. A second run replaces block and automations. Without ALERT_URL the automations create
events only.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import get_client
from prefect.events import AutomationCore
from prefect.types import SecretDict

FILE = Path(__file__).with_name("alerts.yaml")
BLOCK = "labelhouse-alerts"
_MESSAGE = (
    "{{ automation.description }}"
    "{% if flow_run %} {{ flow_run.name }}: {{ flow_run.state.name }}. {{ flow_run.state.message }}"
    "{% endif %}"
)


def save_webhook(url: str) -> str:
    """Save the address of a webhook on the server; return the id of its block."""
    block = CustomWebhookNotificationBlock(
        name="Labelhouse",
        url="{{url}}",
        json_data={"text": "{{subject}}\n{{body}}"},
        headers=None,
        cookies=None,
        secrets=SecretDict({"url": url}),
    )
    return str(block.save(BLOCK, overwrite=True))


def with_message(automation: dict[str, Any], block: str | None) -> dict[str, Any]:
    """Return an automation that sends a message, where the file says that it does nothing."""
    if block is None:
        return automation
    message = {
        "type": "send-notification",
        "block_document_id": block,
        "subject": "Labelhouse: {{ automation.name }}",
        "body": _MESSAGE,
    }
    actions = [message if action["type"] == "do-nothing" else action for action in automation["actions"]]
    return {**automation, "actions": actions}


async def create(automations: Sequence[dict[str, Any]]) -> None:
    """Create automations, each in the place of those of its name."""
    async with get_client() as client:
        for automation in automations:
            for old in await client.read_automations_by_name(automation["name"]):
                await client.delete_automation(old.id)
            await client.create_automation(AutomationCore.model_validate(automation))
            print(f"created: {automation['name']}: {automation['description']}")


def main() -> None:
    """Create all automations."""
    url = os.environ.get("ALERT_URL", "").strip()
    block = save_webhook(url) if url else None
    if block is None:
        print("ALERT_URL is not set: the automations create events and send no message", file=sys.stderr)
    automations = yaml.safe_load(FILE.read_text(encoding="utf-8"))["automations"]
    asyncio.run(create([with_message(automation, block) for automation in automations]))


if __name__ == "__main__":
    main()
