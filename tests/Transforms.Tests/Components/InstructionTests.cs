using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms.Tests;

/// <summary>The model is untrained, so its responses are noise; these are specifications of the columns around it.</summary>
public sealed class InstructionTests : IDisposable
{
    private static readonly ChatTemplate Template = new()
    {
        Name = "short",
        System = "{content}\n",
        User = "<|u|>{content}",
        Assistant = "<|a|>{content}{end_of_text}",
        InputSeparator = " ",
        SpecialTokens = ["<|u|>", "<|a|>"],
    };

    private static readonly GenerationOptions Generation = new() { MaximumNewTokens = 6 };

    private readonly MLContext ml = new(seed: 1);
    private readonly RecordedLog log;
    private readonly List<InstructionTransformer> made = [];

    public InstructionTests() => log = new RecordedLog(ml);

    public void Dispose() => made.ForEach(transformer => transformer.Dispose());

    [Fact]
    public void An_input_follows_its_instruction()
    {
        InstructionTransformer two = Create(new InstructionColumns(Input: "Input"));
        InstructionTransformer one = Create(new InstructionColumns());

        List<string> together = two.Transform(Rows(("win a prize", "at home"), ("call later", ""))).Strings("Response");
        List<string> joined = one.Transform(Rows(("win a prize at home", "not read"), ("call later", "not read"))).Strings("Response");

        Assert.Equal(joined, together);
        Assert.NotEqual(together[0], together[1]);
    }

    [Fact]
    public void A_response_does_not_depend_on_the_other_rows()
    {
        InstructionTransformer transformer = Create(new InstructionColumns(Input: "Input"));
        (string, string)[] rows = Enumerable.Range(0, 70).Select(i => ($"win {(i % 7 == 0 ? "a free" : "the")} prize", i % 3 == 0 ? "" : $"call {i % 5}")).ToArray();

        List<string> together = transformer.Transform(Rows(rows)).Strings("Response");
        using var engine = ml.Model.CreatePredictionEngine<Request, Reply>(transformer, new PredictionEngineOptions { OwnsTransformer = false });

        Assert.Equal(rows.Select(row => engine.Predict(new Request { Instruction = row.Item1, Input = row.Item2 }).Response), together);
    }

    [Fact]
    public void An_empty_instruction_has_an_empty_response() => Assert.Equal(
        ["", ""], Create(new InstructionColumns()).Transform(Rows(("", ""), (" ", "x"))).Strings("Response"));

    [Fact]
    public void A_conversation_is_answered_after_the_last_turn_of_the_user()
    {
        InstructionTransformer chats = Create(new InstructionColumns(Conversation: "Instruction"));
        ChatTurn[] turns = [ChatTurn.System("win"), ChatTurn.User("a prize"), ChatTurn.Assistant("now"), ChatTurn.User("call")];
        string open = ConversationJson.Write(turns);
        string answered = ConversationJson.Write([.. turns, ChatTurn.Assistant("later")]);

        List<string> responses = chats.Transform(Rows((open, ""), (answered, ""))).Strings("Response");

        Assert.Equal(responses[0], responses[1]);
        Assert.NotEmpty(responses[0]);
    }

    [Fact]
    public void A_malformed_conversation_is_refused_with_its_column_and_text()
    {
        InstructionTransformer chats = Create(new InstructionColumns(Conversation: "Instruction"));

        var error = Assert.ThrowsAny<Exception>(() => chats.Transform(Rows(("""[{"role":"robot","content":"x"}]""", ""))).Strings("Response"));

        Assert.Contains("'Instruction'", error.Message);
        Assert.Contains("'robot'", error.Message);
    }

    [Fact]
    public void A_prompt_too_long_for_the_context_is_cut_and_reported()
    {
        InstructionTransformer transformer = Create(new InstructionColumns());
        string longest = string.Concat(Enumerable.Repeat("win a free prize now, ", 40));

        List<string> responses = transformer.Transform(Rows((longest, ""), ("call later", ""))).Strings("Response");

        Assert.Equal(2, responses.Count);
        string warning = Assert.Single(log.Warnings);
        Assert.Contains("'Instruction'", warning);
        Assert.Contains("1 of 2 texts", warning);
    }

    [Fact]
    public void A_cut_never_leaves_half_a_character()
    {
        InstructionTransformer transformer = Create(new InstructionColumns());

        foreach (int length in Enumerable.Range(1, 12))
            Assert.Single(transformer.Transform(Rows((new string('x', length) + string.Concat(Enumerable.Repeat("😀", 20)), ""))).Strings("Response"));
    }

    [Fact]
    public void A_missing_input_column_is_refused_by_name() => Assert.Contains("'Context'", Assert.ThrowsAny<Exception>(
        () => Create(new InstructionColumns(Input: "Context")).Transform(Rows(("a", "b")))).Message);

    [Fact]
    public void The_zip_keeps_columns_template_and_generation()
    {
        InstructionTransformer transformer = Create(new InstructionColumns("Instruction", "Input", null, "Answer"));
        IDataView data = Rows(("win a prize", "at home"), ("call later", ""));
        using var zip = new MemoryStream();
        ml.Model.Save(transformer, data.Schema, zip);
        zip.Position = 0;

        var loaded = (InstructionTransformer)new MLContext().Model.Load(zip, out _);
        made.Add(loaded);

        Assert.Equal(transformer.Columns, loaded.Columns);
        Assert.Equal(Template.Render([ChatTurn.User("x")]), loaded.Template.Render([ChatTurn.User("x")]));
        Assert.Equal(transformer.Transform(data).Strings("Answer"), loaded.Transform(data).Strings("Answer"));
        Assert.Equal(transformer.StartChat().Reply("call me").Text, loaded.StartChat().Reply("call me").Text);
    }

    [Fact]
    public void After_disposal_it_says_so()
    {
        InstructionTransformer transformer = Create(new InstructionColumns());
        transformer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => transformer.StartChat());
        Assert.Throws<ObjectDisposedException>(() => transformer.Transform(Rows(("a", ""))).Strings("Response"));
    }

    private InstructionTransformer Create(InstructionColumns columns)
    {
        using LanguageModel plain = TinyModels.LanguageModel();
        var transformer = new InstructionTransformer(ml, plain.ForTemplate(Template), Template, columns, Generation);
        made.Add(transformer);
        return transformer;
    }

    private IDataView Rows(params (string Instruction, string Input)[] rows) =>
        ml.Data.LoadFromEnumerable(rows.Select(row => new Request { Instruction = row.Instruction, Input = row.Input }).ToList());

    public sealed class Request
    {
        public string? Instruction { get; set; }
        public string? Input { get; set; }
    }

    public sealed class Reply
    {
        public string? Response { get; set; }
    }
}
