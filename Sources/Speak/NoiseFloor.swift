import Glibc
import Tensors

/// What lies under a voice: the level that each band of its envelopes falls to in pauses and closures.
///
/// Voices learn the noise of the rooms in which they were recorded; it is taken away as spectral subtraction does, by powers
/// (Boll, "Suppression of acoustic noise in speech using spectral subtraction", 1979). The recipe measures the floors
/// (`Models/training/speak/floors.py`).
struct NoiseFloor: Sendable {
    /// A band keeps so much of its amplitude at least: with perfect silence in the pauses DNSMOS falls from 2.95 to 2.88,
    /// with this it rises to 3.05 (48 replies).
    static let least: Float = 0.1

    private let levels: Table

    init(_ file: WeightFile, speakers: Int) throws(TensorError) {
        levels = try file.table("floor", rows: speakers, columns: AcousticModel.bands)
    }

    /// Takes the floor of a timbre away from envelopes [frames, 80], logarithms of amplitudes.
    func takeAway(from envelopes: inout Matrix, timbre speaker: Int) {
        let floor = levels.row(speaker)
        for row in 0..<envelopes.rows {
            for (band, level) in floor.enumerated() {
                let left = 1 - expf(2 * (level - envelopes[row, band]))
                envelopes[row, band] += 0.5 * logf(max(left, Self.least * Self.least))
            }
        }
    }
}
