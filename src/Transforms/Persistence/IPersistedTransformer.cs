using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>A transformer that is written into, and comes back from, a model zip.</summary>
internal interface IPersistedTransformer<TSelf> where TSelf : IPersistedTransformer<TSelf>
{
    static abstract PersistedFormat Format { get; }

    static abstract TSelf Read(IHostEnvironment environment, ICheckpointStore store);

    void Write(ICheckpointStore store);
}

/// <summary>What ML.NET's model header says of a transformer.</summary>
/// <param name="ModelSignature">Eight characters that tell the kind of model.</param>
/// <param name="LoaderSignature">The name, at most 24 characters, under which the loader is registered.</param>
/// <param name="Version">Version of the content: major in the high, minor in the low 16 bits.</param>
internal sealed record PersistedFormat(string ModelSignature, string LoaderSignature, uint Version = 0x00010001);
