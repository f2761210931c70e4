namespace MLNetLlm.Models;

/// <summary>How far each pair of components turns from one position to the next, in radians.</summary>
internal sealed class RotaryFrequencies(int headWidth, double rotaryBase, RotaryScaling? scaling)
{
    private readonly double[] plain = Scaled(Plain(headWidth, rotaryBase), scaling);

    public int HeadWidth => headWidth;

    /// <summary>Sequences of more tokens than this have frequencies of their own.</summary>
    public long SharedLength => scaling is { Kind: RotaryScalingKind.Dynamic, OriginalContextLength: { } length } ? length : long.MaxValue;

    /// <summary>The frequencies of a sequence of so many tokens.</summary>
    public double[] Of(long tokens)
    {
        if (tokens <= SharedLength)
        {
            return plain;
        }

        var stretch = scaling!.Factor * tokens / SharedLength - (scaling.Factor - 1);
        return Plain(headWidth, rotaryBase * Math.Pow(stretch, headWidth / (headWidth - 2.0)));
    }

    private static double[] Plain(int headWidth, double rotaryBase) =>
        Enumerable.Range(0, headWidth / 2).Select(pair => Math.Pow(rotaryBase, -2.0 * pair / headWidth)).ToArray();

    private static double[] Scaled(double[] frequencies, RotaryScaling? scaling) => scaling?.Kind switch
    {
        RotaryScalingKind.Linear => Array.ConvertAll(frequencies, frequency => frequency / scaling.Factor),
        RotaryScalingKind.Llama3 => Array.ConvertAll(frequencies, frequency => ScaledByTurns(frequency, scaling)),
        _ => frequencies,
    };

    private static double ScaledByTurns(double frequency, RotaryScaling scaling)
    {
        var turns = scaling.OriginalContextLength!.Value * frequency / (2 * Math.PI);
        var kept = Math.Clamp((turns - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor), 0, 1);
        return kept * frequency + (1 - kept) * frequency / scaling.Factor;
    }
}
