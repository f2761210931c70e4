using static MLNetLlm.Trainers.Tests.Reporting.EventFileReader;

namespace MLNetLlm.Trainers.Tests.Reporting;

public sealed class TensorBoardTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("mlnetllm-tests-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private static TrainingProgress Step(long step, double loss, double? validation = null) => new(
        "pretraining", 1, 2, step, 20, loss, loss + 1, 0.5, 1e-3, 1000, TimeSpan.FromSeconds(step), TimeSpan.Zero, validation);

    private List<Field> Written(Action<TensorBoardLog> write)
    {
        using var log = new TensorBoardLog(directory);
        write(log);
        return Read(log.Path);
    }

    [Fact]
    public void A_file_begins_with_the_format_version_and_is_named_as_tensorboard_looks_for()
    {
        var events = Written(_ => { });

        Assert.Equal("brain.Event:2", events[0][3].Text);
        Assert.InRange(events[0][1].Double, 1.7e9, 1e11);
        Assert.Matches(@"^events\.out\.tfevents\.\d{10}\.", Path.GetFileName(Assert.Single(Directory.GetFiles(directory))));
    }

    [Fact]
    public void Steps_become_scalars_under_the_name_of_their_stage()
    {
        var events = Written(log => log.Report(Step(300, 2.5)));

        var scalars = events.Skip(1).ToDictionary(item => item[5][1][1].Text, item => (item[2].Integer, item[5][1][2].Single));
        Assert.Equal((300L, 2.5f), scalars["pretraining/loss"]);
        Assert.Equal((300L, 3.5f), scalars["pretraining/smoothed_loss"]);
        Assert.Equal((300L, 0.001f), scalars["pretraining/learning_rate"]);
        Assert.Equal(["pretraining/gradient_norm", "pretraining/learning_rate", "pretraining/loss", "pretraining/smoothed_loss", "pretraining/tokens_per_second"], scalars.Keys.Order());
    }

    [Fact]
    public void Validations_become_loss_and_perplexity()
    {
        var events = Written(log => log.Report(Step(4, 2, validation: 1.5)));

        var scalars = events.Skip(1).ToDictionary(item => item[5][1][1].Text, item => item[5][1][2].Single);
        Assert.Equal(1.5f, scalars["pretraining/validation_loss"]);
        Assert.Equal((float)Math.Exp(1.5), scalars["pretraining/validation_perplexity"]);
        Assert.False(scalars.ContainsKey("pretraining/loss"));
    }

    [Fact]
    public void What_the_model_wrote_becomes_a_text_that_the_text_plugin_shows()
    {
        var events = Written(log => log.Report(new TrainingSample("pretraining", 200, "Once", " upon a time \u00e9\u4e2d")));

        var value = events[1][5][1];
        Assert.Equal("pretraining/sample", value[1].Text);
        Assert.Equal("text", value[9][1][1].Text);
        Assert.Equal(7, value[8][1].Integer);
        Assert.Equal(1, value[8][2][2][1].Integer);
        Assert.Equal("**Once** upon a time \u00e9\u4e2d", value[8][8].Text);
    }

    [Fact]
    public void The_reader_of_this_test_knows_the_published_checksum() => Assert.Equal(0xe3069283, BitwiseCrc32C("123456789"u8));

    [Fact]
    public void Two_logs_started_in_the_same_second_do_not_collide()
    {
        using var first = new TensorBoardLog(directory);
        using var second = new TensorBoardLog(directory);

        Assert.NotEqual(first.Path, second.Path);
    }
}
