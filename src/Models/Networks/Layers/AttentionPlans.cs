using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>The plans of one forward pass: that of most layers, that of the first ones where a window spares them, and the angles that they share.</summary>
internal sealed class AttentionPlans : IDisposable
{
    private readonly AttentionDirection direction;
    private readonly AttentionPlan? unlimited;
    private readonly RotaryAngles? angles;

    /// <param name="direction">Which way positions look.</param>
    /// <param name="create">Makes the plan of a direction.</param>
    /// <param name="rotary">Angles of the positions, in networks that have them.</param>
    /// <param name="lengths">[batch] Int64: tokens of each row, or <see langword="null"/>.</param>
    public AttentionPlans(AttentionDirection direction, Func<AttentionDirection, AttentionPlan> create, RotaryTable? rotary, Tensor? lengths)
    {
        this.direction = direction;
        General = create(direction);
        unlimited = direction is { Window: not null, UnlimitedLayers: > 0 } ? create(direction with { Window = null }) : null;
        angles = rotary?.Angles(General, lengths);
        General.Rotary = angles;
        if (unlimited is not null)
        {
            unlimited.Rotary = angles;
        }
    }

    /// <summary>How rows lie, whatever the layer.</summary>
    public AttentionPlan General { get; }

    public AttentionPlan Of(int layer) => layer < direction.UnlimitedLayers ? unlimited ?? General : General;

    public void Dispose()
    {
        General.Dispose();
        unlimited?.Dispose();
        angles?.Dispose();
    }
}
