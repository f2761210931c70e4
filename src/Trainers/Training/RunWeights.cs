using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>All the tensors that a run changes: weights, the optimizer's moments, their average and the best so far.</summary>
internal sealed class RunWeights : IDisposable
{
    private const string Weight = "weight.";
    private const string FirstMoment = "first_moment.";
    private const string SecondMoment = "second_moment.";
    private const string Average = "average.";
    private const string Steps = "steps.";

    private readonly torch.nn.Module network;
    private readonly double? averageDecay;
    private readonly WeightSnapshot? average;
    private WeightSnapshot? best;

    public RunWeights(torch.nn.Module network, TrainingOptions options)
    {
        this.network = network;
        averageDecay = options.WeightAverageDecay;
        average = averageDecay is null ? null : new WeightSnapshot(network);
        Optimizer = new DecayingAdamW(network, options);
    }

    public DecayingAdamW Optimizer { get; }

    /// <summary>Brings the average up to date after a step, counted from 1. Early on, when the weights still run, it forgets faster.</summary>
    public void UpdateAverage(long step) =>
        average?.MoveTowardsNetwork(1 - Math.Min(averageDecay!.Value, (1.0 + step) / (10 + step)));

    /// <summary>Runs something on the weights that the run would return now: their average, where one is kept.</summary>
    public T WithAverage<T>(Func<T> work)
    {
        average?.Exchange();
        try
        {
            return work();
        }
        finally
        {
            average?.Exchange();
        }
    }

    /// <summary>Takes what the network holds now as the best so far.</summary>
    public void TakeBest()
    {
        if (best is null)
        {
            best = new WeightSnapshot(network);
        }
        else
        {
            best.Take();
        }
    }

    /// <summary>Gives the network, for good, the weights to return: the best, else the average, else those of the last step.</summary>
    public void Settle() => (best ?? average)?.Restore();

    public void Write(Stream stream)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var tensors = new List<KeyValuePair<string, torch.Tensor>>();
        tensors.AddRange(TrainableParameters.Of(network).Select(pair => KeyValuePair.Create(Weight + pair.Name, (torch.Tensor)pair.Parameter)));
        foreach (var (name, state) in Optimizer.Moments())
        {
            tensors.Add(KeyValuePair.Create(Steps + name, torch.tensor(new[] { state.step })));
            tensors.Add(KeyValuePair.Create(FirstMoment + name, state.exp_avg));
            tensors.Add(KeyValuePair.Create(SecondMoment + name, state.exp_avg_sq));
        }

        if (average is not null)
        {
            tensors.AddRange(average.Tensors.Select(pair => KeyValuePair.Create(Average + pair.Key, pair.Value)));
        }

        SafetensorsWriter.Write(stream, tensors);
    }

    public void WriteBest(Stream stream) => SafetensorsWriter.Write(stream, best!.Tensors.ToList());

    /// <exception cref="InvalidDataException">The file is damaged or holds other tensors.</exception>
    public void Read(Stream stream, string fileName)
    {
        using var noGradient = torch.no_grad();
        var moments = Optimizer.Moments().ToDictionary(moment => moment.Name, moment => moment.State);
        var targets = TrainableParameters.Of(network).Select(pair => KeyValuePair.Create(Weight + pair.Name, (torch.Tensor)pair.Parameter))
            .Concat(moments.Select(pair => KeyValuePair.Create(FirstMoment + pair.Key, pair.Value.exp_avg)))
            .Concat(moments.Select(pair => KeyValuePair.Create(SecondMoment + pair.Key, pair.Value.exp_avg_sq)))
            .Concat(average?.Tensors.Select(pair => KeyValuePair.Create(Average + pair.Key, pair.Value)) ?? [])
            .ToDictionary();
        Read(stream, fileName, targets, (name, stored) =>
        {
            if (!name.StartsWith(Steps, StringComparison.Ordinal) || !moments.TryGetValue(name[Steps.Length..], out var state))
            {
                return false;
            }

            state.step = stored.ToInt64();
            return true;
        });
    }

    /// <exception cref="InvalidDataException">The file is damaged or holds other tensors.</exception>
    public void ReadBest(Stream stream, string fileName)
    {
        TakeBest();
        using var noGradient = torch.no_grad();
        Read(stream, fileName, best!.Tensors.ToDictionary(), (_, _) => false);
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        average?.Dispose();
        best?.Dispose();
    }

    private static void Read(Stream stream, string fileName, Dictionary<string, torch.Tensor> targets, Func<string, torch.Tensor, bool> readOther)
    {
        using var reader = SafetensorsReader.Read(stream, fileName);
        foreach (var entry in reader.Entries)
        {
            using var stored = reader.ReadTensor(entry);
            if (targets.Remove(entry.Name, out var target) && target.shape.SequenceEqual(stored.shape))
            {
                target.copy_(stored);
            }
            else if (target is not null || !readOther(entry.Name, stored))
            {
                throw new InvalidDataException($"{fileName} holds the tensor '{entry.Name}' [{string.Join(", ", entry.Shape)}], which is not this network's.");
            }
        }

        if (targets.Count > 0)
        {
            throw new InvalidDataException($"{fileName} lacks the tensors {string.Join(", ", targets.Keys.Order(StringComparer.Ordinal))}.");
        }
    }
}
