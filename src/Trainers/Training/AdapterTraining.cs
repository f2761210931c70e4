using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>Low-rank adapters in a training: put on before it, saved and merged after it.</summary>
internal static class AdapterTraining
{
    /// <summary>Checks the settings before any data is read.</summary>
    /// <exception cref="ArgumentException">They contradict others, or a target matches no layer of the model.</exception>
    public static void Validate(LoraOptions? lora, string? adapterDirectory, LanguageModel? model, int? trainableBlocks = null)
    {
        Validate(lora, adapterDirectory, trainableBlocks);
        ValidateAgainst(model, lora);
    }

    /// <summary>Checks the settings of a training whose model is not there yet.</summary>
    /// <exception cref="ArgumentException">They contradict others.</exception>
    public static void Validate(LoraOptions? lora, string? adapterDirectory, int? trainableBlocks)
    {
        if (lora is null)
        {
            if (adapterDirectory is not null)
            {
                throw new ArgumentException("AdapterDirectory is where adapters go, but Lora is null, so there are none.", "AdapterDirectory");
            }

            return;
        }

        lora.Validate();
        if (trainableBlocks is not null)
        {
            throw new ArgumentException("Give either Lora, which trains adapters of all blocks, or TrainableBlocks, not both.", "TrainableBlocks");
        }

        if (adapterDirectory is not null && string.IsNullOrWhiteSpace(adapterDirectory))
        {
            throw new ArgumentException("AdapterDirectory must be a path or null, but is blank.", "AdapterDirectory");
        }
    }

    /// <exception cref="ArgumentException">There are adapters, but no model that has learned, or a target matches no layer of it.</exception>
    public static void ValidateAgainst(LanguageModel? model, LoraOptions? lora)
    {
        if (lora is null)
        {
            return;
        }

        if (model is null)
        {
            throw new ArgumentException("Lora adapts a model that has learned already, but LanguageModel is null; train all weights instead.", "Lora");
        }

        model.Network.CheckAdapters(lora);
    }

    public static void Begin(TransformerModel network, LoraOptions? lora, int seed)
    {
        if (lora is not null)
        {
            network.AddAdapters(lora, seed);
        }
    }

    /// <summary>Makes the network an ordinary one again, which computes the same.</summary>
    /// <param name="network">With adapters or without.</param>
    /// <param name="directory">Where files of the adapters go, or <see langword="null"/>.</param>
    public static void Finish(TransformerModel network, string? directory)
    {
        if (network.Adapters is null)
        {
            return;
        }

        if (directory is not null)
        {
            LoraCheckpoint.Save(network, directory);
        }

        network.MergeAdapters();
    }
}
