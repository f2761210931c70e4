using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Gives a model special tokens that it lacks. Their embedding rows begin as the mean of all others, so that the model's
/// probabilities barely move (Hewitt 2021); the embedding grows only where its padding has no room left.
/// </summary>
public static class VocabularyGrowth
{
    // A multiple of 64 suits matrix products best.
    private const int RowsAtOnce = 64;

    private const string EndOfText = "<|endoftext|>";

    // Of GPT-2 and LLaMA.
    private static readonly string[] TokenEmbeddings = ["wte.weight", "embed_tokens.weight"];

    /// <summary>A copy of a model whose tokenizer knows every special token of a template; those that it knew keep their ids.</summary>
    /// <param name="model">Stays as it is.</param>
    /// <param name="template">How conversations are to be written for the copy.</param>
    /// <param name="dropout">Dropout of the copy's later training, 0 to below 1; <see langword="null"/> keeps the model's.</param>
    /// <returns>The copy, in evaluation mode; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The template is not valid, or the network is no decoder.</exception>
    public static LanguageModel ForTemplate(this LanguageModel model, ChatTemplate template, double? dropout = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(template);
        template.Validate();
        if (!model.Network.IsCausal)
        {
            throw new ArgumentException($"A {model.Network.GetName()} looks both ways and cannot write responses; use a decoder such as GPT-2.", nameof(model));
        }

        var needsEndOfText = template.UsesEndOfText && model.Tokenizer.EndOfTextId is null;
        string[] specialTokens = needsEndOfText ? [.. template.SpecialTokens, EndOfText] : [.. template.SpecialTokens];
        var tokenizer = model.Tokenizer.WithSpecialTokens(specialTokens);
        var added = specialTokens.Where(token => !model.Tokenizer.SpecialTokens.ContainsKey(token)).Select(token => tokenizer.SpecialTokens[token]).ToArray();
        if (added.Length == 0)
        {
            return model.Clone(dropout);
        }

        var rows = Math.Max(model.Config.VocabularySize, (tokenizer.VocabularySize + RowsAtOnce - 1) / RowsAtOnce * RowsAtOnce);
        var config = model.Config with { VocabularySize = rows, Dropout = dropout ?? model.Config.Dropout };
        using var clearing = new PageClearing();
        var network = config.Family.CreateWithoutWeights(config, model.Network.Precision, model.Network.Device, clearing);
        Copy(model, network, added);
        network.eval();
        return new LanguageModel(network, tokenizer);
    }

    private static void Copy(LanguageModel model, TransformerModel target, int[] added)
    {
        using var noGradient = no_grad();
        foreach (var (source, destination) in model.Network.CheckpointTensors().Zip(target.CheckpointTensors()))
        {
            using var scope = NewDisposeScope();
            var (from, to) = (source.Parameter, destination.Parameter);
            if (!TokenEmbeddings.Contains(source.Name) && !source.IsHead)
            {
                to.copy_(from);
                continue;
            }

            var mean = from.narrow(0, 0, model.Tokenizer.VocabularySize).mean([0], keepdim: true);
            to.copy_(mean.expand(to.shape));
            to.narrow(0, 0, from.shape[0]).copy_(from);
            foreach (var id in added)
            {
                to.narrow(0, id, 1).copy_(mean);
            }
        }
    }
}
