"""Tell people what becomes of a shoot, from a process of its own that only reads the journal."""

from dayspool.notify.follow import Follower
from dayspool.notify.hook import Hook
from dayspool.notify.mail import Mail
from dayspool.notify.mqtt import Mqtt
from dayspool.notify.ntfy import Ntfy
from dayspool.notify.outbox import Outbox
from dayspool.notify.post import Post
from dayspool.notify.receiver import Receiver, Secret, ShowsStanding, Subscription, Taste
from dayspool.notify.telegram import Telegram
from dayspool.notify.webhook import Webhook

__all__ = [
    "Follower",
    "Hook",
    "Mail",
    "Mqtt",
    "Ntfy",
    "Outbox",
    "Post",
    "Receiver",
    "Secret",
    "ShowsStanding",
    "Subscription",
    "Taste",
    "Telegram",
    "Webhook",
]
