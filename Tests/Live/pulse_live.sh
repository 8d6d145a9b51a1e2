#!/usr/bin/env bash
# The whole loop through ALSA without a sound card: a recording is played into a private PulseAudio sink that the
# daemon hears, the intent is seen on the socket, and the spoken reply is captured from the sink it speaks to.
#   pulse_live.sh TINGD RECORDING.wav [EXPECTED_INTENT]
set -euo pipefail
tingd=$(realpath "$1")
recording=$(realpath "$2")
intent=${3:-}
here=$(dirname "$(realpath "$0")")
python=${PYTHON:-python3}
for tool in pulseaudio aplay arecord "$python"; do
    command -v "$tool" >/dev/null || { echo "pulse_live.sh: $tool is missing"; exit 1; }
done

folder=$(mktemp -d /tmp/ting-pulse-XXXXXX)
cleanup() {
    # The sound server writes in the folder until it has ended: wait for it before the folder goes.
    if [ -n "${pulse:-}" ]; then
        kill "$pulse" 2>/dev/null || true
        wait "$pulse" 2>/dev/null || true
    fi
    rm -rf "$folder" || true
}
trap cleanup EXIT

cat >"$folder/asound.conf" <<EOF
pcm.room_out { type pulse server "unix:$folder/pulse.sock" device "room" }
pcm.room_in  { type pulse server "unix:$folder/pulse.sock" device "room.monitor" }
pcm.ting_out { type pulse server "unix:$folder/pulse.sock" device "reply" }
pcm.ting_in  { type pulse server "unix:$folder/pulse.sock" device "reply.monitor" }
EOF
export ALSA_CONFIG_PATH="/usr/share/alsa/alsa.conf:$folder/asound.conf"
export HOME="$folder" XDG_RUNTIME_DIR="$folder" PULSE_SERVER="unix:$folder/pulse.sock"
pulseaudio -n --daemonize=no --exit-idle-time=-1 --log-target="file:$folder/pulse.log" \
    -L "module-null-sink sink_name=room rate=16000 channels=1" \
    -L "module-null-sink sink_name=reply rate=24000 channels=1" \
    -L "module-native-protocol-unix auth-anonymous=1 socket=$folder/pulse.sock" &
pulse=$!
for _ in $(seq 100); do [ -S "$folder/pulse.sock" ] && break; sleep 0.1; done
[ -S "$folder/pulse.sock" ] || { echo "pulse_live.sh: PulseAudio did not start"; cat "$folder/pulse.log"; exit 1; }

# The doctor's tone goes into the room and comes back by its monitor.
examined=$(timeout 60 "$(dirname "$tingd")/ting" doctor --json --seconds 1 --microphone room_in --speaker room_out || true)
for found in '"echo","result":"[a-zN]*","found":"the tone came back after' '"capture","result":"ok","found":"room_in: .*S16_LE' \
    '"playback","result":"ok","found":"room_out opens'; do
    if ! grep -q "$found" <<<"$examined"; then
        echo "FAIL  the doctor hears its tone and sees the devices: $found"
        echo "$examined"
        exit 1
    fi
done
echo "ok    the doctor: $(grep -o 'the tone came back[^"]*' <<<"$examined")"

timeout 120 "$python" "$here/pulse_live.py" --tingd "$tingd" --recording "$recording" --intent "$intent" \
    --capture "$folder/reply.wav"
