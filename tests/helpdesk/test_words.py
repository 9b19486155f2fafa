"""The two words by which a caller knows that the agent is real (HD13)."""

from __future__ import annotations

from accounts.helpdesk import words


def test_the_two_words_differ():
    pairs = {words.two() for _ in range(300)}

    assert all(len(set(pair.split())) == 2 for pair in pairs)
    assert len(pairs) > 250


def test_no_word_is_too_long_for_a_text_or_like_another():
    """Seven letters: methods/kinds/sms/tests has the length of the whole text."""
    assert max(len(word) for word in words.WORDS) == 7
    assert len(set(words.WORDS)) == len(words.WORDS) > 60
    assert all(word.isascii() and word.islower() for word in words.WORDS)
