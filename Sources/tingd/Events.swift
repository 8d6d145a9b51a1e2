import Converse
import Think
import Wyoming

extension SlotValue {
    /// The value as it stands in an event.
    var json: JSONValue { (try? JSONValue(parsing: jsonValue)) ?? .null }
}

extension Thought {
    /// The data of a `ting-intent` event: what `ting ask --json` prints.
    var json: JSONValue {
        let slots = understanding.slots.map { JSONValue.Member($0.name, $0.value.json) }
        let frames = self.frames.map { frame -> JSONValue in
            [
                "intent": .string(frame.intent),
                "slots": .object(frame.slots.map { JSONValue.Member($0.name, $0.value.json) }),
            ]
        }
        return [
            "text": .string(understanding.text), "units": .string(syllables.joined(separator: " ")),
            "intent": understanding.intent.map { .string($0) } ?? .null, "slots": .object(slots),
            "frames": .array(frames), "confidence": .number(Self.rounded(understanding.confidence)),
            "directed": .number(Self.rounded(understanding.directed)), "emotion": .string(understanding.emotion),
            "act": .string(understanding.act), "dialect": .string(dialect.rawValue),
            "reply": reply.map { .string($0.text) } ?? .null,
            "seconds": [
                "audio": .number(Self.rounded(audioSeconds)), "hear": .number(Self.rounded(hearSeconds)),
                "think": .number(Self.rounded(thinkSeconds)),
            ],
        ]
    }

    /// The answer to `recognize`.
    var recognition: Event {
        guard let intent = understanding.intent else {
            return Event("not-recognized", ["text": reply.map { .string($0.text) } ?? .null])
        }
        let entities = understanding.slots.map { slot -> JSONValue in
            ["name": .string(slot.name), "value": slot.value.json]
        }
        return Event(
            "intent",
            [
                "name": .string(intent), "entities": .array(entities),
                "text": reply.map { .string($0.text) } ?? .null,
            ])
    }

    /// The answer to a `transcript` that is to be handled.
    var handling: Event {
        let text: JSONValue = reply.map { .string($0.text) } ?? .null
        return Event(understanding.intent == nil ? "not-handled" : "handled", ["text": text])
    }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

extension SpeechOffer {
    /// The answer to `describe`.
    var info: Event {
        let maker: JSONValue = ["name": "Ting", "url": "https://github.com/rhasspy/wyoming"]
        func artifact(_ name: String, _ description: String, _ more: JSONValue) -> JSONValue {
            var value: JSONValue = [
                "name": .string(name), "description": .string(description), "attribution": maker, "installed": true,
                "version": .string(Options.version),
            ]
            for member in more.members ?? [] { value[member.name] = member.value }
            return value
        }
        let spoken = JSONValue.array(languages.map { .string(Self.tag($0)) })
        let hear = artifact("ting-hear", "Streaming Conformer, INT8", ["languages": spoken])
        let think = artifact("ting-think", domains.joined(separator: ", "), ["languages": spoken])
        let voices = self.voices.map { voice in
            artifact(
                voice.name, "Ting voice \(voice.name)",
                ["languages": .array(voice.languages.map { .string(Self.tag($0)) }), "speakers": .null])
        }
        return Event(
            "info",
            [
                "asr": [
                    artifact(
                        "ting", "On-device speech recognition",
                        [
                            "models": [hear], "supports_transcript_streaming": false, "requires_external_vad": true,
                            "prefers_auto_gain_enabled": false, "prefers_noise_reduction_enabled": false,
                        ])
                ],
                "tts": [
                    artifact(
                        "ting", "On-device speech synthesis",
                        ["voices": .array(voices), "supports_synthesize_streaming": true])
                ],
                "handle": [
                    artifact(
                        "ting", "Replies of the domain",
                        ["models": [think], "supports_handled_streaming": false, "supports_home_control": false])
                ],
                "intent": [artifact("ting", "Intents and slots", ["models": [think]])],
                "wake": [], "mic": [], "snd": [],
            ])
    }

    /// The language tag that Home Assistant knows.
    private static func tag(_ language: String) -> String {
        switch language {
        case "zh": "zh-CN"
        case "yue": "zh-HK"
        case "sc": "zh-CN-sichuan"
        default: language
        }
    }

    /// Ting's name for a language tag; nil when it is none of ours.
    static func language(of tag: String) -> String? {
        let lower = tag.lowercased().map { $0 == "_" ? "-" : $0 }
        let text = String(lower)
        if text.hasPrefix("zh-hk") || text.hasPrefix("yue") { return "yue" }
        if text == "sc" || text.hasSuffix("sichuan") { return "sc" }
        if text.hasPrefix("zh") || text.hasPrefix("cmn") { return "zh" }
        return text.hasPrefix("en") ? "en" : nil
    }
}
