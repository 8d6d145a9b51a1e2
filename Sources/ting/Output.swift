import Glibc
import Think

/// Writing for people and for programs.
enum Output {
    /// True when standard output is a terminal, so that colour and plots make sense.
    static let isTerminal = isatty(STDOUT_FILENO) == 1

    /// One line on standard error.
    static func note(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    /// Text in a terminal colour (SGR code), plain elsewhere and where NO_COLOR is set.
    static func coloured(_ text: String, _ code: Int) -> String {
        guard isTerminal, getenv("NO_COLOR") == nil else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// A JSON object on one line; the values are JSON fragments already.
    static func json(_ fields: [(String, String)]) -> String {
        "{" + fields.map { "\(JSONText.quote($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }

    /// Seconds as a JSON number with milliseconds' precision.
    static func seconds(_ value: Double) -> String {
        JSONText.number((value * 1000).rounded() / 1000)
    }

    /// A number with a fixed count of decimals, without Foundation.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((abs(value) * scale).rounded())
        let whole = scaled / Int(scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let digits = String(scaled % Int(scale))
        return "\(sign)\(whole)." + String(repeating: "0", count: decimals - digits.count) + digits
    }
}
