using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>
/// The one training loop: for every batch a gradient, clipping and an AdamW step; validations and checkpoints in between, and
/// at the end the best weights. A step whose loss or gradient is not finite is never applied.
/// </summary>
internal sealed class TrainingLoop(TrainingOptions options, IObjective objective, RunGuard guard, IChannel channel)
{
    private const int StepsBetweenReleases = 8;

    private readonly long totalSteps = options.MaximumSteps ?? (long)options.Epochs * objective.StepsPerEpoch;
    private readonly LearningRateSchedule schedule = new(options, options.MaximumSteps ?? (long)options.Epochs * objective.StepsPerEpoch);
    private RunState state = new() { Seed = 0 };
    private bool stopRequested;

    private bool IsOver => stopRequested || state.IsFinished || IsPatienceSpent
        || (options.MaximumSteps is { } steps ? state.Step >= steps : state.Epoch >= options.Epochs);

    private bool IsPatienceSpent => options.EarlyStoppingPatience > 0 && state.ValidationsSinceBest >= options.EarlyStoppingPatience;

    /// <summary>The seed of a run: the one that was set, else that of the run which will be resumed, else one of the environment's.</summary>
    public static int ChooseSeed(TrainingOptions options, IHost host) =>
        options.Seed ?? RunCheckpoints.SeedOf(options.Checkpoints) ?? host.Rand.Next();

    /// <summary>Trains; afterwards the network holds the best weights and is in evaluation mode.</summary>
    public TrainingSummary Run(int seed)
    {
        using var checkpoints = RunCheckpoints.Open(options.Checkpoints);
        using var weights = new RunWeights(objective.Network, options);
        state = new RunState { Seed = seed };
        if (checkpoints is not null)
        {
            Resume(checkpoints, weights);
        }

        try
        {
            Recompute(options.RecomputesActivations);
            // What was left of reading and encoding the data would lie beside the activations for the whole run.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
            var meter = new ProgressMeter(objective, totalSteps, state);
            while (!IsOver)
            {
                TrainEpoch(meter, checkpoints, weights);
            }

            if (!state.IsFinished)
            {
                Finish(checkpoints, weights);
            }

            if (guard.ReportFailure is { } failure)
            {
                channel.Warning($"{objective.Stage}: the last step's report could not be written: {failure.Message}");
            }

            weights.Settle();
            return new TrainingSummary(state.Step, state.Tokens, state.Elapsed, state.BestLoss);
        }
        finally
        {
            Recompute(false);
            objective.Network.eval();
            NativeRuntime.ReleaseFreedMemory();
        }
    }

    private void Resume(RunCheckpoints checkpoints, RunWeights weights)
    {
        var identity = new RunIdentity();
        identity.Add("stage", objective.Stage);
        objective.Identify(identity);
        identity.AddOptions(options);
        identity.Add("seed", state.Seed);
        identity.AddWeights("weights before the first step", objective.Network);
        state = checkpoints.Resume(identity, weights, channel)
            ?? state with { Identity = new SortedDictionary<string, string>(identity.Values.ToDictionary(), StringComparer.Ordinal) };
        if (state.Step > 0)
        {
            channel.Info($"{objective.Stage}: {(state.IsFinished ? "this run was finished already, after" : "goes on after")} step {state.Step}/{totalSteps}");
        }
    }

    private void Recompute(bool recomputes)
    {
        if (objective.Transformer is { } transformer)
        {
            transformer.RecomputesActivations = recomputes;
        }
    }

    private void TrainEpoch(ProgressMeter meter, RunCheckpoints? checkpoints, RunWeights weights)
    {
        objective.Network.train();
        var batches = objective.Batches(new EpochStart(state.Seed, state.Epoch, state.BatchesTaken));
        foreach (var batch in Prefetch.Ahead(batches.Select(batch => StepBatch.Of(batch, TokensAtOnce(batch)))))
        {
            using (batch)
            {
                ThrowIfInterrupted(checkpoints, weights);
                TakeStep(batch, meter, weights);
            }

            // What only the largest batch needed, and what compiling took; the next step pays for new pages.
            if (state.Step % StepsBetweenReleases == 1)
            {
                NativeRuntime.ReleaseFreedMemory();
            }

            guard.Report(state.Last!);
            stopRequested = options.StopWhen?.Invoke(state.Last!) ?? false;
            if (options.EvaluateEverySteps > 0 && state.Step % options.EvaluateEverySteps == 0)
            {
                Validate(checkpoints, weights);
            }

            if (IsOver)
            {
                return;
            }

            if (checkpoints?.IsDue(state.Step) ?? false)
            {
                checkpoints.Write(state, weights);
            }
        }

        ThrowIfInterrupted(checkpoints, weights);
        if (state.BatchesTaken == 0)
        {
            throw new InvalidOperationException($"{objective.Stage}: the training data gave no batch.");
        }

        if (options.EvaluateEverySteps == 0)
        {
            Validate(checkpoints, weights);
        }

        state = state with { Epoch = state.Epoch + 1, BatchesTaken = 0 };
    }

    private int TokensAtOnce(TrainingBatch batch)
    {
        var network = objective.Transformer;
        return ActivationMemory.TokensAtOnce(
            options, network?.Config, (int)batch.Tokens.Ids.shape[1], network?.Precision ?? Precision.Float32, network?.Device.type ?? DeviceType.CPU);
    }

    private void TakeStep(StepBatch batch, ProgressMeter meter, RunWeights weights)
    {
        using var scope = torch.NewDisposeScope();
        objective.SeedStep((long)Randomness.Key(state.Seed, state.Step, RandomPurpose.Dropout));
        var (loss, gradientNorm) = Differentiate(batch, weights);
        var learningRate = schedule.At(state.Step);
        if (!double.IsFinite(loss) || !double.IsFinite(gradientNorm))
        {
            throw new TrainingDivergedException(state.Step + 1, loss, gradientNorm, learningRate, guard.Save(directory => SaveBest(directory, weights)));
        }

        weights.Optimizer.Step(learningRate);
        weights.UpdateAverage(state.Step + 1);
        state = meter.After(state, batch, loss, gradientNorm, learningRate);
    }

    private (double Loss, double GradientNorm) Differentiate(StepBatch batch, RunWeights weights)
    {
        try
        {
            torch.Tensor? loss = null;
            foreach (var (part, share) in batch.Parts)
            {
                using var scope = torch.NewDisposeScope();
                var ofPart = objective.Backward(part, share);
                objective.Transformer?.ContinueBackward();
                loss = (loss is null ? ofPart : loss.add(ofPart)).MoveToOuterDisposeScope();
            }

            // The device is waited for here only, once a step.
            return (loss!.ToDouble(), weights.Optimizer.ClipGradients(options.Optimizer.ClipNorm));
        }
        catch (Exception exception) when (TrainingOutOfMemoryException.IsCausedBy(exception))
        {
            weights.Optimizer.ForgetGradients();
            throw new TrainingOutOfMemoryException(state.Step + 1, batch, options, guard.Save(directory => SaveBest(directory, weights)), exception);
        }
    }

    private void Validate(RunCheckpoints? checkpoints, RunWeights weights)
    {
        var last = state.Last!;
        var validation = weights.WithAverage(() =>
        {
            objective.Network.eval();
            var result = objective.Validate();
            var isBest = result is null || result.Loss < (state.BestLoss ?? double.PositiveInfinity);
            state = state with { ValidatedStep = state.Step, ValidationsSinceBest = isBest ? 0 : state.ValidationsSinceBest + 1 };
            if (isBest)
            {
                KeepBest(result, checkpoints, weights);
            }

            return result;
        });
        objective.Network.train();
        if (validation is not null)
        {
            guard.Report(last with
            {
                ValidationLoss = validation.Loss, ValidationAccuracy = validation.Accuracy, IsBest = state.BestStep == state.Step,
            });
        }

        channel.Info($"{objective.Stage}: epoch {last.Epoch}/{last.Epochs}, step {last.Step}/{last.TotalSteps}, " +
                     $"loss {last.SmoothedLoss:f4}{Describe(validation)}, {last.TokensPerSecond:f0} tokens/s");
        if (IsPatienceSpent)
        {
            channel.Info($"{objective.Stage}: stopped after step {state.Step}, the validation loss has not improved in {state.ValidationsSinceBest} validations.");
        }
    }

    private void KeepBest(ValidationResult? result, RunCheckpoints? checkpoints, RunWeights weights)
    {
        if (result is not null)
        {
            state = state with { BestLoss = result.Loss, BestStep = state.Step };
            weights.TakeBest();
        }

        SaveModel(checkpoints);
    }

    private void Finish(RunCheckpoints? checkpoints, RunWeights weights)
    {
        if (state.ValidatedStep < state.Step)
        {
            Validate(checkpoints, weights);
        }

        // A run that was told to stop can be taken up again; one that came to its end has nothing left to do.
        state = state with { IsFinished = !stopRequested };
        checkpoints?.Write(state, weights);
    }

    private void SaveModel(RunCheckpoints? checkpoints)
    {
        if (RunGuard.ModelDirectory(options.Checkpoints) is { } directory)
        {
            checkpoints!.Guarded(state.Step, directory, () => objective.Save(directory));
        }
    }

    private void ThrowIfInterrupted(RunCheckpoints? checkpoints, RunWeights weights)
    {
        if (!guard.IsCanceled && guard.ReportFailure is null)
        {
            return;
        }

        checkpoints?.Write(state, weights);
        var savedTo = guard.Save(directory => SaveBest(directory, weights));
        throw guard.ReportFailure is { } failure
            ? new TrainingReportException(state.Step, savedTo, checkpoints is not null, failure)
            : new TrainingCanceledException(state.Step, savedTo, checkpoints is not null, options.CancellationToken);
    }

    private void SaveBest(string directory, RunWeights weights)
    {
        weights.Settle();
        objective.Network.eval();
        objective.Save(directory);
    }

    private static string Describe(ValidationResult? validation) => validation switch
    {
        null => "",
        { Accuracy: null } => $", validation loss {validation.Loss:f4}, perplexity {Math.Exp(validation.Loss):f2}",
        _ => $", validation loss {validation.Loss:f4}, accuracy {validation.Accuracy:p2}",
    };
}

/// <summary>What a finished training run did.</summary>
/// <param name="Steps">Optimizer steps taken.</param>
/// <param name="Tokens">Tokens trained on, padding not counted.</param>
/// <param name="Elapsed">Wall time.</param>
/// <param name="BestValidationLoss">Validation loss of the weights kept, in nats; <see langword="null"/> without validation data.</param>
internal sealed record TrainingSummary(long Steps, long Tokens, TimeSpan Elapsed, double? BestValidationLoss);
