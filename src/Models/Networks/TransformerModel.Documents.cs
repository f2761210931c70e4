using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <content>Short documents side by side in a row, so that little is padded.</content>
public abstract partial class TransformerModel
{
    /// <summary>
    /// Hidden states of rows that hold several documents each. Documents do not see each other, and positions begin anew with
    /// each, so that the hidden states are those that each document has in a row of its own.
    /// </summary>
    /// <param name="ids">[batch, time] Int64 on the network's device.</param>
    /// <param name="documents">[batch, time] Int64: a number for each token, the same for those of a document, which lie together.</param>
    /// <returns>[batch, time, width] Float32.</returns>
    /// <exception cref="ArgumentException">The tensors are not of that shape.</exception>
    public Tensor ForwardDocuments(Tensor ids, Tensor documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        CheckShape(ids, start: 0);
        if (!documents.shape.SequenceEqual(ids.shape) || documents.dtype != ScalarType.Int64)
        {
            throw new ArgumentException(
                $"Document numbers must be Int64 of the ids' shape [{string.Join(", ", ids.shape)}], but are {documents.dtype} [{string.Join(", ", documents.shape)}].",
                nameof(documents));
        }

        return Run(ids, lengths: null, tokenTypes: null, cache: null, documents);
    }
}
