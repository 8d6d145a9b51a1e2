#!/usr/bin/env python3
"""What clients can make tingd hold: as many as are let in ask for the most that one may, and memory must stay bounded.

    hoard.py --tingd .build/release/tingd --models Models --recording Tests/Recordings/window.wav [--manifest]

Each crowd fills every place: audio in the largest chunks that are taken, at a high rate; long texts to say whose sound
nobody fetches; long texts to understand. What is refused must be refused by name, and whoever comes next is served. The
limit is the memory at which systemd begins to slow the service (MemoryHigh in systemd/tingd.service), or the manifest's.
"""

import asyncio
import contextlib

from load import Recording, allowed, answer, arguments, check, check_stop, failures
from tingd import Tingd
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.intent import Recognize
from wyoming.tts import Synthesize

# The largest payload that is taken (EventParser.Limits), and the longest text (ControlService.longestText).
PAYLOAD, TEXT = 256 << 10, 20_000


async def write_all(client, events, seconds=3):
    """Sends until all is sent, the daemon hangs up or takes no more: what it does not take costs it nothing."""
    async def send():
        for event in events:
            await client.write_event(event)
    with contextlib.suppress(asyncio.TimeoutError, ConnectionError):
        await asyncio.wait_for(send(), seconds)


async def crowd(daemon, uri, recording, connections, name, events, megabytes):
    """Every place but one is taken by somebody who sends all of `events` and reads nothing."""
    clients = [AsyncClient.from_uri(uri) for _ in range(connections - 1)]
    for client in clients:
        await client.connect()
    await asyncio.gather(*(write_all(client, events) for client in clients))
    async with AsyncClient.from_uri(uri) as other:
        await recording.send(other)
        event = await answer(other, Transcript, seconds=300)
        text = Transcript.from_event(event).text
    for client in clients:
        with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
            await asyncio.wait_for(client.disconnect(), 1)
    peak = daemon.peak_megabytes()
    check(text == recording.text, f"{connections - 1} clients with {name}: the next one is served")
    check(peak <= megabytes, f"and resident were at most {peak:.0f} MB of {megabytes:.0f}")


async def refused(uri, events, fragment):
    text = "nothing was said"
    # Whoever broke the form is hung up on, and may notice that first when it hangs up itself.
    with contextlib.suppress(ConnectionError):
        async with AsyncClient.from_uri(uri) as client:
            await write_all(client, events, seconds=200)
            while (event := await asyncio.wait_for(client.read_event(), 60)) is not None:
                if Error.is_type(event.type):
                    text = Error.from_event(event).text
                    break
    check(fragment in text, f"refused: {text}")


async def main():
    options = arguments(__doc__).parse_args()
    recording = Recording(options.recording)
    settings = "[audio]\nmicrophone = none\nspeaker = none\n[speech]\nlisten = no\ndomain = car, home\n"
    connections, megabytes = allowed(options.manifest)
    control = f"max_connections = {connections}\n"
    async with Tingd(options.tingd, options.models, settings, control=control) as daemon:
        uri = "unix://" + daemon.socket
        async with AsyncClient.from_uri(uri) as client:
            await recording.send(client)
            recording.text = Transcript.from_event(await answer(client, Transcript)).text
        form = dict(rate=16_000, width=2, channels=1)
        voice = recording.audio * (PAYLOAD // len(recording.audio))
        chunk = AudioChunk(audio=voice, **form).event()
        audio = [Transcribe(language="zh").event(), AudioStart(**form).event()] + 24 * [chunk]
        await crowd(daemon, uri, recording, connections, "minutes of audio in the largest chunks", audio, megabytes)
        fast = dict(rate=768_000, width=1, channels=1)
        chunk = AudioChunk(audio=bytes(range(256)) * (PAYLOAD // 256), **fast).event()
        audio = [Transcribe(language="zh").event(), AudioStart(**fast).event()] + 128 * [chunk]
        await crowd(daemon, uri, recording, connections, "audio at 768 kHz", audio, megabytes)
        text = ("今天天气很好，我们去公园走一走。" * TEXT)[:TEXT]
        await crowd(daemon, uri, recording, connections, "texts to say and no ear for them",
                    8 * [Synthesize(text=text).event()], megabytes)
        await crowd(daemon, uri, recording, connections, "texts to understand",
                    32 * [Recognize(text=text).event()], megabytes)
        await refused(uri, [Event("audio-chunk", form, b"\0" * (PAYLOAD + 2))], "event too large: payload")
        await refused(uri, 16 * [Synthesize(text=text).event()], "too much to say")
        await refused(uri, [Synthesize(text=text + text).event()], "event too large: text")
        await refused(uri, 40 * [AudioChunk(audio=b"\0" * PAYLOAD, **form).event()], "audio longer than 300 s")
        check_stop(daemon)
    print(f"{len(failures)} failed")
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    asyncio.run(main())
