using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// A fine-tuned text classifier: language model, head and labels. Its checkpoint has the layout of the family's public
/// sequence classifiers (GPT2ForSequenceClassification, BertForSequenceClassification, ...), with the keys <c>pooling</c>, <c>maximum_tokens</c>, <c>frame_texts</c> and <c>classifier_dropout</c> added.
/// </summary>
public sealed class TextClassificationModel : IDisposable
{
    private const int RowsAtOnce = 64;
    private const int TokensAtOnceOnProcessor = 1_024;
    private const int TokensAtOnceOnGpu = 16_384;

    private TextClassificationModel(LanguageModel backbone, TextClassifier network, ClassificationSettings settings)
    {
        Backbone = backbone;
        Network = network;
        Settings = settings;
    }

    /// <summary>The language model below the head; disposed of with this object.</summary>
    public LanguageModel Backbone { get; }

    /// <summary>The network with its head.</summary>
    public TextClassifier Network { get; }

    /// <summary>Names of the classes, in the order of the logits.</summary>
    public IReadOnlyList<string> Labels => Settings.Labels;

    /// <summary>Most tokens of a row; longer texts must be cut before they are scored.</summary>
    public int MaximumTokens => Settings.MaximumTokens;

    /// <summary>
    /// Whether special tokens stand around each text: those that the tokenizer's own frame has (<c>[CLS]</c> and <c>[SEP]</c> in
    /// BERT); in tokenizers without a frame the end-of-text token before and after, as texts are parted in pretraining.
    /// </summary>
    public bool FramesTexts => Settings.FramesTexts == true;

    /// <summary>Most tokens of a text, what frames it not counted.</summary>
    public int MaximumTextTokens => MaximumTokens - FrameLength(Settings, Backbone.Tokenizer);

    /// <summary>How a row's hidden states become one vector.</summary>
    public Pooling Pooling => Settings.Pooling;

    private ClassificationSettings Settings { get; }

    /// <summary>Puts a new head on a language model.</summary>
    /// <param name="backbone">The language model; from here on owned by the result.</param>
    /// <param name="labels">Names of the classes, at least 2, all different.</param>
    /// <param name="pooling">How a row's hidden states become one vector.</param>
    /// <param name="maximumTokens">Most tokens of a row, 1 to the context length.</param>
    /// <param name="dropout">Dropout before the head while training, 0 to below 1.</param>
    /// <param name="seed">The same seed gives the same head; <see langword="null"/> takes a random one.</param>
    /// <param name="framesTexts">Whether special tokens stand around each text; the tokenizer must have a frame or an end-of-text token.</param>
    /// <exception cref="ArgumentException">A setting does not fit the language model.</exception>
    public static TextClassificationModel Create(
        LanguageModel backbone, IReadOnlyList<string> labels, Pooling pooling, int maximumTokens, double dropout, long? seed, bool framesTexts = false)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(labels);
        var settings = new ClassificationSettings([.. labels], pooling, maximumTokens, framesTexts, dropout);
        RequireFrame(settings, backbone.Tokenizer);
        settings.Validate(backbone.Config, FrameLength(settings, backbone.Tokenizer));
        return new TextClassificationModel(
            backbone, new TextClassifier(backbone.Network, labels.Count, pooling, dropout, seed), settings);
    }

    /// <summary>Loads a checkpoint directory, for evaluation.</summary>
    /// <param name="directory">Holds <c>config.json</c>, <c>model.safetensors</c> and the tokenizer's files.</param>
    /// <param name="precision">Number type of the products.</param>
    /// <param name="device">See <see cref="ComputeDevice.Select"/>.</param>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or does not fit the others.</exception>
    public static TextClassificationModel Load(string directory, Precision precision = Precision.Auto, string? device = null) =>
        Read(new DirectoryCheckpointStore(directory), precision, ComputeDevice.Select(device));

    /// <summary>Saves a checkpoint directory; older files of the same names are replaced together at the end.</summary>
    /// <param name="directory">Made if it does not exist.</param>
    /// <param name="maximumShardBytes">Weights of more bytes are written in several files with an index.</param>
    public void Save(string directory, long maximumShardBytes = DirectoryCheckpointStore.DefaultMaximumShardBytes) =>
        DirectoryCheckpointStore.WriteTogether(directory, Write, maximumShardBytes);

    /// <summary>Loads a checkpoint from any store, for evaluation.</summary>
    /// <inheritdoc cref="Load"/>
    public static TextClassificationModel Read(ICheckpointStore store, Precision precision, Device device)
    {
        ArgumentNullException.ThrowIfNull(store);
        var (config, settings) = ClassificationSettings.FromJson(
            LanguageModel.ReadText(store, LanguageModel.ConfigFileName), store.Describe(LanguageModel.ConfigFileName));
        var tokenizer = LanguageModel.ReadTokenizer(store, config);
        // Public classifiers do not state it; they are used as their tokenizer frames texts.
        settings = settings with { FramesTexts = settings.FramesTexts ?? tokenizer.HasFrame };
        RequireFrame(settings, tokenizer);
        settings.Validate(config, FrameLength(settings, tokenizer));
        TextClassifier? classifier = null;
        var network = LanguageModel.ReadNetwork(store, config, precision, device, withHeads: false, (network, source) =>
        {
            if (!network.Supports(settings.Pooling))
            {
                throw new InvalidDataException(
                    $"{store.Describe(CheckpointWeights.FileName)} has no pooler, which the pooling of this classifier needs ({store.Describe(LanguageModel.ConfigFileName)}).");
            }

            classifier = new TextClassifier(network, settings.Labels.Count, settings.Pooling, settings.Dropout, seed: null);
            try
            {
                NetworkWeights.Read(
                    source, CheckpointTensors(classifier), config.Family, name => IsIgnored(network, name));
            }
            catch
            {
                classifier.Dispose();
                throw;
            }
        });
        classifier!.eval();
        return new TextClassificationModel(new LanguageModel(network, tokenizer), classifier, settings);
    }

    /// <summary>Saves a checkpoint to any store.</summary>
    public void Write(ICheckpointStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        LanguageModel.WriteText(store, LanguageModel.ConfigFileName, Settings.ToJson(LanguageModel.ConfigJson(Backbone.Config, Backbone.Tokenizer), Backbone.Config.Family));
        store.Write(LanguageModel.TokenizerFileName, Backbone.Tokenizer.Write);
        NetworkWeights.Write(store, CheckpointTensors(Network), Backbone.Config.Family);
    }

    /// <summary>A copy with weights of its own, on the same device and of the same precision, in evaluation mode.</summary>
    public TextClassificationModel Clone()
    {
        var copy = Create(Backbone.Clone(), Labels, Pooling, MaximumTokens, Settings.Dropout, seed: null, FramesTexts);
        NetworkWeights.Copy(Network, copy.Network);
        copy.Network.eval();
        return copy;
    }

    /// <summary>
    /// Scores rows of token ids, those of similar length together. Any number of threads may score at once; the network
    /// must be in evaluation mode.
    /// </summary>
    /// <param name="tokenRows">At most <see cref="MaximumTokens"/> ids each; a row without any is scored as one padding token.</param>
    /// <returns>Logits per row, one for each of <see cref="Labels"/>.</returns>
    /// <exception cref="ArgumentException">A row is too long or holds an id that the vocabulary does not have.</exception>
    public float[][] Score(IReadOnlyList<int[]> tokenRows)
    {
        ArgumentNullException.ThrowIfNull(tokenRows);
        var lengths = new int[tokenRows.Count];
        for (var row = 0; row < lengths.Length; row++)
        {
            CheckRow(tokenRows[row], row);
            lengths[row] = tokenRows[row].Length;
        }

        var scores = new float[lengths.Length][];
        using var noGradient = no_grad();
        var tokensAtOnce = Backbone.Network.Device.type == DeviceType.CPU ? TokensAtOnceOnProcessor : TokensAtOnceOnGpu;
        foreach (var rows in LengthBuckets.Plan(lengths, RowsAtOnce, tokensAtOnce))
        {
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Create(Array.ConvertAll(rows, row => tokenRows[row]), PaddingId, Backbone.Network);
            var logits = Network.forward(batch.Ids, batch.Lengths).cpu().data<float>();
            for (var i = 0; i < rows.Length; i++)
            {
                var ofRow = new float[Labels.Count];
                for (var label = 0; label < ofRow.Length; label++)
                {
                    ofRow[label] = logits[i * ofRow.Length + label];
                }

                scores[rows[i]] = ofRow;
            }
        }

        return scores;
    }

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        Network.Dispose();
        Backbone.Dispose();
    }

    /// <summary>Puts special tokens around a text's ids, where the model wants that.</summary>
    public int[] Frame(int[] ids) => (FramesTexts, Backbone.Tokenizer) switch
    {
        (false, _) => ids,
        (_, { HasFrame: true } tokenizer) => tokenizer.Frame(ids).Ids,
        (_, var tokenizer) => [tokenizer.EndOfTextId!.Value, .. ids, tokenizer.EndOfTextId!.Value],
    };

    private static int FrameLength(ClassificationSettings settings, TextTokenizer tokenizer) =>
        settings.FramesTexts != true ? 0 : tokenizer.HasFrame ? tokenizer.FrameLength : 2;

    private static void RequireFrame(ClassificationSettings settings, TextTokenizer tokenizer)
    {
        if (settings.FramesTexts == true && !tokenizer.HasFrame && tokenizer.EndOfTextId is null)
        {
            throw new ArgumentException("Texts cannot be framed: the tokenizer has neither a frame nor an end-of-text token.");
        }
    }

    private int PaddingId => Backbone.Tokenizer.PaddingId ?? Backbone.Tokenizer.EndOfTextId ?? 0;

    private static IEnumerable<CheckpointTensor> CheckpointTensors(TextClassifier classifier) =>
        classifier.Backbone.CheckpointTensors()
            .Where(tensor => !tensor.IsHead)
            .Concat(classifier.HeadTensors());

    private static bool IsIgnored(TransformerModel network, string name) =>
        network.IsHead(name) || network.IsIgnoredInCheckpoints(name);

    private void CheckRow(int[] tokens, int row)
    {
        if (tokens.Length > MaximumTokens)
        {
            throw new ArgumentException($"Row {row} has {tokens.Length} tokens; at most {MaximumTokens} are allowed.", nameof(tokens));
        }

        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)Backbone.Config.VocabularySize)
            {
                throw new ArgumentException($"Row {row} holds the token id {token}; the vocabulary has {Backbone.Config.VocabularySize} entries.", nameof(tokens));
            }
        }
    }
}
