using System.Diagnostics;

namespace MLNetLlm.Trainers;

/// <summary>Turns what steps did into reports.</summary>
internal sealed class ProgressMeter(IObjective objective, long totalSteps, RunState start)
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly int epochs = (int)Math.Min(int.MaxValue, (totalSteps + objective.StepsPerEpoch - 1) / Math.Max(1, objective.StepsPerEpoch));

    public TimeSpan Elapsed => start.Elapsed + clock.Elapsed;

    /// <summary>The state after a step, with its report.</summary>
    public RunState After(RunState before, StepBatch batch, double loss, double gradientNorm, double learningRate)
    {
        var (step, tokens, inSession) = (before.Step + 1, before.Tokens + batch.TokenCount, clock.Elapsed);
        var smoothed = before.SmoothedLoss is { } previous ? 0.95 * previous + 0.05 * loss : loss;
        return before with
        {
            Step = step,
            Tokens = tokens,
            BatchesTaken = before.BatchesTaken + 1,
            SmoothedLoss = smoothed,
            Elapsed = Elapsed,
            Last = new TrainingProgress(
                objective.Stage, before.Epoch + 1, epochs, step, totalSteps, loss, smoothed, gradientNorm, learningRate,
                (tokens - start.Tokens) / inSession.TotalSeconds, Elapsed,
                inSession * (Math.Max(0, totalSteps - step) / (double)(step - start.Step))) { Tokens = tokens },
        };
    }
}
