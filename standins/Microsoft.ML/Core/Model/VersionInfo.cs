using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>The format of a saved model, its versions, and the class that loads it.</summary>
internal readonly struct VersionInfo
{
    /// <summary>Eight characters, the first in the lowest byte; a space stands for 0.</summary>
    public readonly ulong ModelSignature;
    public readonly uint VerWrittenCur;
    public readonly uint VerReadableCur;
    public readonly uint VerWeCanReadBack;
    public readonly string LoaderSignature;
    public readonly string LoaderSignatureAlt;
    public readonly string LoaderAssemblyName;

    public VersionInfo(string modelSignature, uint verWrittenCur, uint verReadableCur, uint verWeCanReadBack, string loaderAssemblyName,
        string loaderSignature = null, string loaderSignatureAlt = null)
    {
        Contracts.Check(null, modelSignature?.Length == sizeof(ulong), "Model signature must be eight characters");
        ModelSignature = 0;
        for (int i = 0; i < sizeof(ulong); i++)
        {
            char character = modelSignature[i];
            Contracts.Check(null, character <= 0xFF, "Model signature must be eight one-byte characters");
            ModelSignature |= (ulong)(character == ' ' ? 0 : character) << (8 * i);
        }
        VerWrittenCur = verWrittenCur;
        VerReadableCur = verReadableCur;
        VerWeCanReadBack = verWeCanReadBack;
        LoaderAssemblyName = loaderAssemblyName;
        LoaderSignature = loaderSignature;
        LoaderSignatureAlt = loaderSignatureAlt;
    }
}
