using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Training;

/// <summary>Moves one weight w towards 3 by the loss (w - 3)²; validation losses can be scripted.</summary>
internal sealed class FakeObjective : IObjective, IDisposable
{
    private readonly OneWeight network = new();
    private readonly Queue<double> validationLosses;
    private readonly int? lossIsNaNAtStep;
    private int steps;

    public FakeObjective(IEnumerable<double>? validationLosses = null, int? lossIsNaNAtStep = null)
    {
        this.validationLosses = new Queue<double>(validationLosses ?? []);
        this.lossIsNaNAtStep = lossIsNaNAtStep;
    }

    public string Stage => "fake";

    public torch.nn.Module Network => network;

    public int StepsPerEpoch => 5;

    public float Weight => network.Value;

    public List<float> WeightAfterEpoch { get; } = [];

    public float? Saved { get; private set; }

    public IEnumerable<TrainingBatch> Batches(Random random) =>
        Enumerable.Range(0, StepsPerEpoch).Select(_ => TrainingBatch.Create([[1, 2]], 0, nextTokenTargets: false, labels: null, torch.CPU));

    public torch.Tensor Backward(TrainingBatch batch)
    {
        steps++;
        var loss = network.call(torch.zeros(1)) * (steps == lossIsNaNAtStep ? double.NaN : 1);
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
