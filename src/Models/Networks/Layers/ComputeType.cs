using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>The number type of the matrix products, shared by all layers of a network so that it is set in one place.</summary>
internal sealed class ComputeType(Precision precision)
{
    public Precision Precision { get; set; } = precision;

    public bool IsNarrow => Precision == Precision.BFloat16;

    public ScalarType ScalarType => IsNarrow ? ScalarType.BFloat16 : ScalarType.Float32;
}
