import Glibc

/// Triangular filters on the Slaney mel scale, area-normalised, kept sparse.
///
/// The same filters as `librosa.filters.mel(sr=16000, n_fft=400, n_mels=80)`: linear below 1 kHz, logarithmic above,
/// each triangle divided by half its width in hertz.
struct MelFilterBank: Sendable {
    private struct Filter: Sendable {
        var firstBin: Int
        var weights: [Float]
    }

    private let filters: [Filter]

    /// Number of mel channels.
    var count: Int { filters.count }

    init(channelCount: Int, fftSize: Int, sampleRate: Double, lowHertz: Double, highHertz: Double) {
        let lowMel = Self.mel(hertz: lowHertz)
        let highMel = Self.mel(hertz: highHertz)
        let edges = (0..<channelCount + 2).map { index in
            Self.hertz(mel: lowMel + (highMel - lowMel) * Double(index) / Double(channelCount + 1))
        }
        let binHertz = sampleRate / Double(fftSize)
        filters = (0..<channelCount).map { channel in
            let (left, centre, right) = (edges[channel], edges[channel + 1], edges[channel + 2])
            let area = 2 / (right - left)
            var first = 0
            var weights: [Float] = []
            for bin in 0...fftSize / 2 {
                let hertz = Double(bin) * binHertz
                let weight = max(0, min((hertz - left) / (centre - left), (right - hertz) / (right - centre)))
                if weight > 0 {
                    if weights.isEmpty { first = bin }
                    weights.append(Float(weight * area))
                } else if !weights.isEmpty {
                    break
                }
            }
            return Filter(firstBin: first, weights: weights)
        }
    }

    /// The energy of each channel, from a power spectrum of `fftSize / 2 + 1` bins.
    func callAsFunction(_ power: [Float], into energies: inout [Float]) {
        for (channel, filter) in filters.enumerated() {
            var sum: Float = 0
            for (offset, weight) in filter.weights.enumerated() { sum += weight * power[filter.firstBin + offset] }
            energies[channel] = sum
        }
    }

    private static func mel(hertz: Double) -> Double {
        hertz < 1000 ? hertz * 3 / 200 : 15 + log(hertz / 1000) * 27 / log(6.4)
    }

    private static func hertz(mel: Double) -> Double {
        mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) * log(6.4) / 27)
    }
}
