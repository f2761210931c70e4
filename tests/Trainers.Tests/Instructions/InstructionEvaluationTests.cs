using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Instructions;

public class InstructionEvaluationTests(TunedModel tuned) : IClassFixture<TunedModel>
{
    [Theory]
    [InlineData("The cat.", "the CAT", true, 1)]
    [InlineData("A cat sat", "cat sat", true, 1)]
    [InlineData("Paris is nice", "Paris", false, 0.5)]
    [InlineData("Rome", "Paris", false, 0)]
    [InlineData("", "Paris", false, 0)]
    [InlineData("ha ha ha", "ha", false, 0.5)]
    [InlineData("x = 1", "x  1", true, 1)]
    [InlineData("Été « chaud »", "été chaud", true, 1)]
    public void Responses_are_compared_as_SQuAD_does(string response, string reference, bool exact, double f1)
    {
        Assert.Equal(exact, ResponseMatch.IsExact(response, reference));
        Assert.Equal(f1, ResponseMatch.F1(response, reference), 6);
    }

    [Fact]
    public void A_model_that_learned_the_rows_by_heart_is_perfect_on_them()
    {
        var metrics = tuned.ML.LanguageModels.EvaluateInstructions(Tasks.View(tuned.ML), tuned.Transformer);

        Assert.Equal(1, metrics.ExactMatch);
        Assert.Equal(1, metrics.TokenF1);
        Assert.InRange(metrics.ResponseLoss, 0, 0.2);
        Assert.Equal(Math.Exp(metrics.ResponseLoss), metrics.ResponsePerplexity);
        Assert.Equal(Tasks.Rows.Select(row => row.Output), metrics.Responses.Select(row => row.Response));
        Assert.Equal("Name the capital.\n\n### Input:\nFrance", metrics.Responses[0].Prompt);
    }

    [Fact]
    public void The_loss_is_that_of_the_references_given_their_prompts()
    {
        var wrong = Tasks.Rows.Select(row => new Tasks.Row { Instruction = row.Instruction, Input = row.Input, Output = "Wrong." }).ToArray();

        var metrics = tuned.ML.LanguageModels.EvaluateInstructions(Tasks.View(tuned.ML, wrong), tuned.Transformer);

        Assert.True(metrics.ResponseLoss > 2, $"{metrics.ResponseLoss}");
        Assert.Equal(0, metrics.ExactMatch);
        var tokens = tuned.Transformer.LanguageModel.Tokenizer.Encode("Wrong.").Length + 1;
        Assert.Equal(Tasks.Rows.Length * tokens, metrics.ResponseTokens);
    }

    [Fact]
    public void A_missing_reference_column_is_refused_by_name() => Assert.Contains("'Reference'", Assert.ThrowsAny<Exception>(
        () => tuned.ML.LanguageModels.EvaluateInstructions(Tasks.View(tuned.ML), tuned.Transformer, "Reference")).Message);

    [Fact]
    public void The_report_shows_every_response_beside_its_reference_and_escapes_all_text()
    {
        var metrics = new InstructionMetrics(0.5, 10, 3, 0.5, 0.75,
        [
            new ComparedResponse("Ask <b>?", "a & b", "<script>alert(1)</script>", false, 0.5),
            new ComparedResponse("Hi", "Hello", "Hello", true, 1),
        ]);
        var file = Path.Combine(Directory.CreateTempSubdirectory("mlnetllm-").FullName, "reports", "responses.html");

        InstructionReport.Write(file, metrics, "Held out <1>");

        var page = File.ReadAllText(file);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("<b>", page);
        Assert.Contains("a &amp; b", page);
        Assert.Contains("Held out &lt;1&gt;", page);
        Assert.Contains("exact match 50.0 %", page);
        Assert.Contains("without a loss: 3", page);
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(file))!, recursive: true);
    }
}
