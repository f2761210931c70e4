using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>The part of a block that looks at each token by itself.</summary>
internal interface IFeedForward
{
    IEnumerable<Parameter> Parameters { get; }

    /// <param name="input">[rows, width].</param>
    /// <returns>[rows, width] of the compute type.</returns>
    Tensor Forward(Tensor input);
}
