using System.Diagnostics;
using Microsoft.ML.Runtime;
using MLNetLlm.Transforms;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>
/// The one training loop: for every batch a gradient, clipping and an AdamW step; after every epoch a validation, and at the
/// end the best epoch's weights. A step whose loss or gradient is not finite is never applied.
/// </summary>
internal sealed class TrainingLoop(TrainingOptions options, IObjective objective, RunGuard guard, IChannel channel)
{
    private readonly Stopwatch clock = new();
    private readonly long totalSteps = (long)options.Epochs * objective.StepsPerEpoch;
    private WeightSnapshot? best;
    private double bestLoss = double.PositiveInfinity;
    private double smoothedLoss = double.NaN;
    private long step;
    private long tokens;
    private bool stopRequested;

    /// <summary>Trains; afterwards the network holds the best weights and is in evaluation mode.</summary>
    public TrainingSummary Run(int seed)
    {
        clock.Start();
        using var optimizer = new DecayingAdamW(objective.Network, options);
        var schedule = new LearningRateSchedule(options, totalSteps);
        var random = new Random(seed);
        try
        {
            var epochsSinceBest = 0;
            for (var epoch = 1; epoch <= options.Epochs && !stopRequested; epoch++)
            {
                var last = TrainEpoch(epoch, optimizer, schedule, random);
                epochsSinceBest = Validate(last) ? 0 : epochsSinceBest + 1;
                if (options.EarlyStoppingPatience > 0 && epochsSinceBest >= options.EarlyStoppingPatience)
                {
                    channel.Info($"{objective.Stage}: stopped after epoch {epoch}, the validation loss has not improved for {epochsSinceBest} epochs.");
                    break;
                }
            }

            best?.Restore();
            return new TrainingSummary(step, tokens, clock.Elapsed, best is null ? null : bestLoss);
        }
        finally
        {
            objective.Network.eval();
            best?.Dispose();
        }
    }

    private TrainingProgress TrainEpoch(int epoch, DecayingAdamW optimizer, LearningRateSchedule schedule, Random random)
    {
        objective.Network.train();
        TrainingProgress? progress = null;
        foreach (var batch in Prefetch.Ahead(objective.Batches(random)))
        {
            using (batch)
            {
                guard.ThrowIfCanceled(step, SaveBest);
                progress = TakeStep(epoch, batch, optimizer, schedule.At(step));
            }

            options.Progress?.Report(progress);
            stopRequested = options.StopWhen?.Invoke(progress) ?? false;
            if (stopRequested)
            {
                break;
            }
        }

        guard.ThrowIfCanceled(step, SaveBest);
        return progress ?? throw new InvalidOperationException($"{objective.Stage}: the training data gave no batch.");
    }

    private TrainingProgress TakeStep(int epoch, TrainingBatch batch, DecayingAdamW optimizer, double learningRate)
    {
        using var scope = torch.NewDisposeScope();
        var loss = objective.Backward(batch).ToDouble();
        var gradientNorm = optimizer.ClipGradients(options.ClipNorm);
        if (!double.IsFinite(loss) || !double.IsFinite(gradientNorm))
        {
            throw new TrainingDivergedException(step + 1, loss, gradientNorm, learningRate, guard.Save(SaveBest));
        }

        optimizer.Step(learningRate);
        step++;
        tokens += batch.Tokens.TokenCount;
        smoothedLoss = double.IsNaN(smoothedLoss) ? loss : 0.95 * smoothedLoss + 0.05 * loss;
        var elapsed = clock.Elapsed;
        return new TrainingProgress(
            objective.Stage, epoch, options.Epochs, step, totalSteps, loss, smoothedLoss, gradientNorm, learningRate,
            tokens / elapsed.TotalSeconds, elapsed, elapsed * (Math.Max(0, totalSteps - step) / (double)step));
    }

    /// <summary>Returns whether this epoch is the best so far; without validation data the last epoch always is.</summary>
    private bool Validate(TrainingProgress last)
    {
        objective.Network.eval();
        var validation = objective.Validate();
        options.Progress?.Report(last with { ValidationLoss = validation?.Loss, ValidationAccuracy = validation?.Accuracy });
        channel.Info($"{objective.Stage}: epoch {last.Epoch}/{last.Epochs}, step {last.Step}/{last.TotalSteps}, " +
                     $"loss {last.SmoothedLoss:f4}{Describe(validation)}, {last.TokensPerSecond:f0} tokens/s");
        if (validation is not null)
        {
            if (!(validation.Loss < bestLoss))
            {
                return false;
            }

            bestLoss = validation.Loss;
            best?.Dispose();
            best = new WeightSnapshot(objective.Network);
        }

        if (options.CheckpointDirectory is not null)
        {
            objective.Save(options.CheckpointDirectory);
        }

        return true;
    }

    private static string Describe(ValidationResult? validation) => validation switch
    {
        null => "",
        { Accuracy: null } => $", validation loss {validation.Loss:f4}, perplexity {Math.Exp(validation.Loss):f2}",
        _ => $", validation loss {validation.Loss:f4}, accuracy {validation.Accuracy:p2}",
    };

    private void SaveBest(string directory)
    {
        best?.Restore();
        objective.Network.eval();
        objective.Save(directory);
    }
}

/// <summary>What a finished training run did.</summary>
/// <param name="Steps">Optimizer steps taken.</param>
/// <param name="Tokens">Tokens trained on, padding not counted.</param>
/// <param name="Elapsed">Wall time.</param>
/// <param name="BestValidationLoss">Validation loss of the weights kept, in nats; <see langword="null"/> without validation data.</param>
internal sealed record TrainingSummary(long Steps, long Tokens, TimeSpan Elapsed, double? BestValidationLoss);
