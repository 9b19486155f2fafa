"""Two plain words that agent and caller see at the same time (HD13).

Each of them is a word in English and in Dutch, so both read the same whatever language they chose;
short, so that they fit into a text message; and none can be taken for another over the phone.
"""

from __future__ import annotations

import secrets

# fmt: off
WORDS = (
    "alarm", "album", "atlas", "avocado", "bed", "cactus", "camping", "caravan", "circus",
    "cobra", "delta", "diesel", "dollar", "duet", "echo", "film", "forum", "garage", "golf",
    "gorilla", "hamster", "hockey", "hotel", "iris", "jazz", "judo", "karate", "kimono", "kiwi",
    "lamp", "laptop", "latte", "lotus", "mango", "menu", "model", "motor", "museum", "opera",
    "otter", "panda", "papaya", "piano", "pizza", "podium", "polo", "poncho", "poster", "radar",
    "robot", "rugby", "salami", "samba", "solo", "sticker", "storm", "studio", "sushi", "tablet",
    "tango", "tennis", "toast", "tram", "water", "winter", "yoga", "zebra",
)
# fmt: on


def two() -> str:
    """Different ones, in an order that counts: some thousand pairs, one of which is said."""
    first = secrets.choice(WORDS)
    second = secrets.choice([word for word in WORDS if word != first])
    return f"{first} {second}"
