using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms.Tests;

public sealed class TextGenerationTests : IDisposable
{
    private static readonly string?[] Prompts = ["win a free prize", "see you at home tonight, thanks", "", null, "call", "the meeting is tomorrow"];

    private static readonly GenerationOptions Sampled = new()
    {
        MaximumNewTokens = 8, Temperature = 1, TopK = 50, TopP = 0.95, RepetitionPenalty = 1.1, Seed = 7, StopStrings = ["zz"], StopAtEndOfText = false,
    };

    private readonly MLContext ml = new(seed: 1);
    private readonly LanguageModel model = TinyModels.LanguageModel();

    public void Dispose() => model.Dispose();

    public sealed class Asked
    {
        public string? Prompt { get; set; }
    }

    public sealed class Written
    {
        public string? GeneratedText { get; set; }
        public string? FinishReason { get; set; }
        public int PromptTokens { get; set; }
        public int GeneratedTokens { get; set; }
    }

    [Fact]
    public void ABatchSingleRowsAndTheGeneratorWriteTheSameForTheSameSeed()
    {
        IDataView data = View(Prompts);
        TextGenerationTransformer transformer = ml.Transforms.Text.GenerateText(new TextGenerationOptions { LanguageModel = model, Generation = Sampled, BatchSize = 3 }).Fit(data);
        using var engine = ml.Model.CreatePredictionEngine<Asked, Written>(transformer);
        var generator = new TextGenerator(model);

        List<Written> rows = Rows(transformer, data);

        for (int i = 0; i < Prompts.Length; i++)
        {
            GeneratedText expected = generator.Generate(Prompts[i] ?? "", Sampled);
            foreach (Written row in new[] { rows[i], engine.Predict(new Asked { Prompt = Prompts[i] }) })
            {
                Assert.Equal(expected.Text, row.GeneratedText);
                Assert.Equal(expected.FinishReason.ToString(), row.FinishReason);
                Assert.Equal(expected.PromptTokens, row.PromptTokens);
                Assert.Equal(expected.TokenIds.Count, row.GeneratedTokens);
            }
        }
        Assert.Equal(8, rows[0].GeneratedTokens);
        Assert.Equal(nameof(FinishReason.Length), rows[0].FinishReason);
    }

    [Fact]
    public void AnotherSeedWritesAnotherText()
    {
        IDataView data = View("win a free prize");

        string[] texts = new long[] { 1, 2, 3 }.Select(seed => Rows(Generate(Sampled with { Seed = seed }).Fit(data), data)[0].GeneratedText!).ToArray();

        Assert.True(texts.Distinct().Count() > 1);
    }

    [Fact]
    public void ComesBackFromAModelZipInAFreshProcess()
    {
        using var directory = new TemporaryDirectory();
        var options = new TextGenerationOptions
        {
            LanguageModel = model,
            InputColumnName = "Text",
            GeneratedTextColumnName = "Reply",
            Generation = Sampled with { LogitBias = new Dictionary<int, double> { [5] = -100 }, StopTokenIds = [7] },
            Template = Template,
        };
        string[] texts = ["win a free prize", "call"];
        IDataView data = ml.OfTexts(texts);
        using TextGenerationTransformer transformer = ml.Transforms.Text.GenerateText(options).Fit(data);
        ml.Model.Save(transformer, data.Schema, directory.File("model.zip"));

        ITransformer read = new MLContext().Model.Load(directory.File("model.zip"), out _);
        TextGenerationTransformer loaded = read as TextGenerationTransformer ?? ((IEnumerable<ITransformer>)read).OfType<TextGenerationTransformer>().Single();

        Assert.Equal(-100, loaded.Generation.LogitBias[5]);
        Assert.Equal(Template.User, loaded.Template!.User);
        List<string> expected = transformer.Transform(data).Strings("Reply");
        Assert.Equal(expected, loaded.Transform(data).Strings("Reply"));
        Assert.Equal(
            string.Join('\n', expected).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r')),
            FreshProcess.Run(directory.File("model.zip"), "Reply", texts));
        loaded.Dispose();
    }

    [Fact]
    public void ATemplateAnswersAsAResponseGeneratorDoes()
    {
        IDataView data = View("call me", " ", null, "see you");
        using TextGenerationTransformer transformer = ml.Transforms.Text.GenerateText(model, "Prompt", Sampled, Template).Fit(data);
        var responder = new ResponseGenerator(model, Template, Sampled);

        List<Written> rows = Rows(transformer, data);

        foreach ((int row, string prompt) in new[] { (0, "call me"), (3, "see you") })
        {
            GeneratedText expected = responder.Respond([responder.Prompt([ChatTurn.User(prompt)], out _)])[0];
            Assert.Equal((expected.Text, expected.PromptTokens), (rows[row].GeneratedText, rows[row].PromptTokens));
        }
        Assert.All(rows[1..3], row => Assert.Equal(("", "", 0, 0), (row.GeneratedText, row.FinishReason, row.PromptTokens, row.GeneratedTokens)));
    }

    [Fact]
    public void OfALongPromptTheEndIsReadAndTheLogSaysSo()
    {
        var log = new RecordedLog(ml);
        string text = string.Concat(Enumerable.Repeat("free prize ", 100));
        int[] ids = TinyModels.Tokenizer.Encode(text);
        IDataView data = View(text, "call");

        List<Written> rows = Rows(ml.Transforms.Text.GenerateText(new TextGenerationOptions { LanguageModel = model }).Fit(data), data);

        Assert.InRange(rows[0].PromptTokens, 1, TinyModels.ContextLength);
        Assert.Equal(
            $"Column 'Prompt': 1 of 2 texts were longer than 32 tokens and were cut; {ids.Length - rows[0].PromptTokens} tokens were dropped.", Assert.Single(log.Warnings));
        Assert.Equal(
            new TextGenerator(model).Generate(ids[^rows[0].PromptTokens..], new GenerationOptions()).Text, rows[0].GeneratedText);
    }

    [Fact]
    public void ALongPromptThatIsNotToBeCutIsRefusedByItsRow()
    {
        IDataView data = View("call", string.Concat(Enumerable.Repeat("free prize ", 100)));
        TextGenerationTransformer transformer = Generate(Sampled).Fit(data);

        Exception error = Assert.ThrowsAny<Exception>(() => Rows(transformer, data));

        Assert.Contains("KeepEnd", error.ToString());
        Assert.Contains("Prompt 1", error.ToString());
        Assert.Equal(8, Rows(transformer, View("call"))[0].GeneratedTokens);
    }

    [Fact]
    public void AColumnThatIsNotAskedForCostsNothing()
    {
        IDataView data = View("call");
        using TextGenerationTransformer transformer = Generate(Sampled with { LongPrompt = LongPrompt.Refuse }).Fit(data);
        IDataView tooLong = transformer.Transform(View(string.Concat(Enumerable.Repeat("free prize ", 100))));

        // Would be refused if it were written.
        Assert.Single(tooLong.Strings("Prompt"));
    }

    [Fact]
    public void TheSchemaIsKnownBeforeAnyDataIsRead()
    {
        DataViewSchema schema = ml.Transforms.CopyColumns("Copy", "Prompt").Append(Generate(Sampled)).Fit(View("a")).GetOutputSchema(View("a").Schema);

        Assert.Equal(
            [("GeneratedText", (DataViewType)TextDataViewType.Instance), ("FinishReason", TextDataViewType.Instance), ("PromptTokens", NumberDataViewType.Int32), ("GeneratedTokens", NumberDataViewType.Int32)],
            schema.Skip(2).Select(column => (column.Name, column.Type)));
    }

    [Fact]
    public void RefusesSettingsThatMakeNoSense()
    {
        Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.GenerateText(new TextGenerationOptions()));
        Assert.Contains("TopP", Assert.ThrowsAny<ArgumentException>(() => Generate(Sampled with { TopP = 0 })).Message);
        Assert.Contains("StopTokenIds", Assert.ThrowsAny<ArgumentException>(() => Generate(Sampled with { StopTokenIds = [320] })).Message);
        Assert.Contains("BatchSize", Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.GenerateText(new TextGenerationOptions { LanguageModel = model, BatchSize = 0 })).Message);
        Assert.Contains("<|im_start|>", Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.GenerateText(model, template: ChatTemplate.ChatML)).Message);
        Assert.Contains("no/such/model", Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.GenerateText(new TextGenerationOptions { Checkpoint = "no/such/model" })).Message);
        Assert.StartsWith("Could not find input column 'Body'",
            Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.Text.GenerateText(model, "Body").Fit(View("a"))).Message);
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    public void LoadsEveryFamilyThatWrites(string name)
    {
        using var directory = new TemporaryDirectory();
        string checkpoint = PublicCheckpoint.Create(name, directory.File("checkpoint"));
        IDataView data = View("hello there", "é 🙂");

        using TextGenerationTransformer transformer = ml.Transforms.Text.GenerateText(new TextGenerationOptions
        {
            Checkpoint = checkpoint, Device = "cpu", Generation = new GenerationOptions { MaximumNewTokens = 6, StopAtEndOfText = false },
        }).Fit(data);
        List<Written> rows = Rows(transformer, data);

        Assert.All(rows, row => Assert.Equal(6, row.GeneratedTokens));
        int[] ids = transformer.LanguageModel.Tokenizer.EncodeBeginning("hello there");
        Assert.Equal(ids.Length, rows[0].PromptTokens);
    }

    public static TheoryData<string> Decoders => [.. PublicCheckpoint.Decoders];

    private static ChatTemplate Template { get; } = new() { Name = "plain", User = "Q: {content}\n", Assistant = "A: {content}{end_of_text}" };

    private TextGenerationEstimator Generate(GenerationOptions generation) => ml.Transforms.Text.GenerateText(model, generation: generation);

    private IDataView View(params string?[] prompts) => ml.Data.LoadFromEnumerable(prompts.Select(prompt => new Asked { Prompt = prompt }));

    private List<Written> Rows(ITransformer transformer, IDataView data) =>
        ml.Data.CreateEnumerable<Written>(transformer.Transform(data), reuseRowObject: false).ToList();
}
