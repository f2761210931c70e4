using SpamFilter;

namespace MLNetLlm.Samples.Tests;

public sealed class SmsSplitTests
{
    [Theory]
    [InlineData(SplitKind.All)]
    [InlineData(SplitKind.Balanced)]
    internal void No_text_is_in_two_parts_although_the_data_repeats_texts(SplitKind kind)
    {
        var split = SmsSplit.Create(Messages(ham: 300, spam: 50, repeated: 80), kind, seed: 3);

        var all = Texts(split.Training).Concat(Texts(split.Validation)).Concat(Texts(split.Test)).Concat(Texts(split.Unlabelled)).ToList();
        Assert.Equal(350, all.Count);
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.Equal(80, split.DuplicatesRemoved);
    }

    [Theory]
    [InlineData(SplitKind.All)]
    [InlineData(SplitKind.Balanced)]
    internal void Pretraining_text_has_no_validation_or_test_text(SplitKind kind)
    {
        var split = SmsSplit.Create(Messages(ham: 300, spam: 50, repeated: 80), kind, seed: 3);

        var pretraining = Texts(split.Pretraining).ToHashSet();
        Assert.DoesNotContain(Texts(split.Validation).Concat(Texts(split.Test)), pretraining.Contains);
        Assert.Equal(split.Training.Count + split.Unlabelled.Count, pretraining.Count);
    }

    [Fact]
    public void All_uses_every_message_and_keeps_the_shares_of_the_classes()
    {
        var split = SmsSplit.Create(Messages(ham: 300, spam: 50), SplitKind.All, seed: 1);

        Assert.Equal((210, 35), Classes(split.Training));
        Assert.Equal((30, 5), Classes(split.Validation));
        Assert.Equal((60, 10), Classes(split.Test));
        Assert.Empty(split.Unlabelled);
    }

    [Fact]
    public void Balanced_has_as_many_ham_as_spam_and_leaves_the_rest_as_unlabelled_text()
    {
        var split = SmsSplit.Create(Messages(ham: 300, spam: 50), SplitKind.Balanced, seed: 1);

        Assert.Equal((35, 35), Classes(split.Training));
        Assert.Equal((5, 5), Classes(split.Validation));
        Assert.Equal((10, 10), Classes(split.Test));
        Assert.Equal((250, 0), Classes(split.Unlabelled));
    }

    [Fact]
    public void The_seed_decides_the_split()
    {
        var messages = Messages(ham: 300, spam: 50);

        var first = SmsSplit.Create(messages, SplitKind.All, seed: 7);
        var again = SmsSplit.Create(messages, SplitKind.All, seed: 7);
        var other = SmsSplit.Create(messages, SplitKind.All, seed: 8);

        Assert.Equal(Texts(first.Training), Texts(again.Training));
        Assert.Equal(Texts(first.Test), Texts(again.Test));
        Assert.NotEqual(Texts(first.Test).Order(), Texts(other.Test).Order());
    }

    [Fact]
    public void Training_rows_are_not_sorted_by_class()
    {
        var labels = SmsSplit.Create(Messages(ham: 300, spam: 50), SplitKind.All, seed: 1).Training.Select(message => message.Label).ToList();

        Assert.NotEqual(labels.Order(), labels);
    }

    [Fact]
    public void Too_few_messages_of_a_class_are_an_error_that_names_the_class()
    {
        var error = Assert.Throws<InvalidDataException>(() => SmsSplit.Create(Messages(ham: 300, spam: 4), SplitKind.All, seed: 1));

        Assert.Contains("4 different spam messages", error.Message);
    }

    private static List<Message> Messages(int ham, int spam, int repeated = 0)
    {
        var messages = Enumerable.Range(0, ham).Select(number => new Message { Text = $"ham {number}" })
            .Concat(Enumerable.Range(0, spam).Select(number => new Message { Text = $"spam {number}", Label = true }))
            .ToList();
        return [.. messages, .. messages.TakeLast(repeated)];
    }

    private static IEnumerable<string> Texts(IEnumerable<Message> messages) => messages.Select(message => message.Text);

    private static (int Ham, int Spam) Classes(IReadOnlyList<Message> messages) =>
        (messages.Count(message => !message.Label), messages.Count(message => message.Label));
}
