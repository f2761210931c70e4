namespace MLNetLlm.Benchmarks;

/// <summary>One figure of ours, with the peer's where there is one.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Ours">Median of our rounds.</param>
/// <param name="Peer">Median of the peer's rounds.</param>
/// <param name="Ratios">Ours by the peer's, round by round: machines drift, pairs do not.</param>
/// <param name="TunedPeer">Median of the peer's rounds in an environment that helps it, where that was measured.</param>
/// <param name="TunedRatios">Ours by those.</param>
internal sealed record Measurement(
    string Name, string Unit, double Ours, double? Peer, IReadOnlyList<double> Ratios, double? TunedPeer, IReadOnlyList<double> TunedRatios)
{
    public static Measurement Alone(string name, string unit, IReadOnlyList<double> values) => new(name, unit, Median(values), null, [], null, []);

    public static Measurement Paired(string name, string unit, IReadOnlyList<double> ours, IReadOnlyList<double> peers) =>
        new(name, unit, Median(ours), Median(peers), RatiosOf(ours, peers), null, []);

    /// <summary>Beside the peer in two environments; what was not measured is empty.</summary>
    public static Measurement Paired(string name, string unit, IReadOnlyList<double> ours, IReadOnlyList<double> peers, IReadOnlyList<double> tuned) => new(
        name, unit, Median(ours), peers.Count == 0 ? null : Median(peers), RatiosOf(ours, peers), tuned.Count == 0 ? null : Median(tuned), RatiosOf(ours, tuned));

    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static IReadOnlyList<double> RatiosOf(IReadOnlyList<double> ours, IReadOnlyList<double> peers) =>
        ours.Zip(peers, (mine, theirs) => mine / theirs).ToList();
}
