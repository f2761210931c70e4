using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Training;

/// <summary>Moves one weight w towards 3 by the loss (w - 3)²; validation losses and failures can be scripted.</summary>
internal sealed class FakeObjective : IObjective, IDisposable
{
    private readonly OneWeight network = new();
    private readonly Queue<double> validationLosses;
    private readonly int? lossIsNaNAtStep;
    private int steps;

    public FakeObjective(IEnumerable<double>? validationLosses = null, int? lossIsNaNAtStep = null)
    {
        NativeRuntime.Initialize();
        this.validationLosses = new Queue<double>(validationLosses ?? []);
        this.lossIsNaNAtStep = lossIsNaNAtStep;
    }

    public string Stage => "fake";

    public torch.nn.Module Network => network;

    public int StepsPerEpoch => 5;

    public float Weight => network.Value;

    public List<float> WeightAfterEpoch { get; } = [];

    public float? Saved { get; private set; }

    /// <summary>Thrown by the backward pass of a step.</summary>
    public (int Step, Exception Exception)? Failure { get; init; }

    public List<long> StepSeeds { get; } = [];

    public IEnumerable<TrainingBatch> Batches(EpochStart start) =>
        Enumerable.Range(0, StepsPerEpoch).Skip((int)start.FirstBatch).Select(_ => TrainingBatch.Create([[1, 2]], 0, nextTokenTargets: false, labels: null, torch.CPU));

    public void SeedStep(long seed) => StepSeeds.Add(seed);

    public void Identify(RunIdentity identity) => identity.Add("data", Data);

    public string Data { get; init; } = "five batches";

    public torch.Tensor Backward(TrainingBatch batch, BatchShare share)
    {
        steps++;
        if (Failure is { } failure && failure.Step == steps)
        {
            throw failure.Exception;
        }

        var loss = network.call(torch.zeros(1)) * (steps == lossIsNaNAtStep ? double.NaN : share.Rows);
        loss.backward();
        return loss.detach();
    }

    public ValidationResult? Validate()
    {
        WeightAfterEpoch.Add(Weight);
        return validationLosses.Count == 0 ? null : new ValidationResult(validationLosses.Dequeue(), Accuracy: null);
    }

    public void Save(string directory) => Saved = Weight;

    public void Dispose() => network.Dispose();

    private sealed class OneWeight : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private readonly TorchSharp.Modules.Parameter weight = torch.nn.Parameter(torch.zeros(1, 1));

        public OneWeight()
            : base(nameof(OneWeight)) => RegisterComponents();

        public float Value => weight.detach().ToSingle();

        public override torch.Tensor forward(torch.Tensor input) => (weight - 3 + input).pow(2).sum();
    }
}
