namespace Microsoft.ML.Transforms;

/// <summary>The base of transform options.</summary>
public abstract class TransformInputBase
{
    internal TransformInputBase()
    {
    }
}
