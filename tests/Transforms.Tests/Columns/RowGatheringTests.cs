using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms.Tests;

public sealed class RowGatheringTests
{
    private static readonly bool[] Both = [true, true];

    [Fact]
    public void ARowThatComesAloneIsComputedAlone()
    {
        var mapper = new SlowMapper();
        var gathering = new RowGathering(mapper);
        mapper.Open();

        Assert.Equal("5", Value(gathering.Map(["hello"], Both, TruncationReport.None)));
        Assert.Equal("2", Value(gathering.Map(["hi"], Both, TruncationReport.None)));
        Assert.Equal([1, 1], mapper.BatchSizes);
    }

    [Fact]
    public async Task TheThreadEndsWhenNoRowsComeAndTheNextRowStartsAnother()
    {
        var mapper = new SlowMapper();
        var gathering = new RowGathering(mapper);
        mapper.Open();
        Assert.Equal("5", Value(gathering.Map(["hello"], Both, TruncationReport.None)));

        await Until(() => !gathering.IsWorking);

        Assert.Equal("2", Value(gathering.Map(["hi"], Both, TruncationReport.None)));
        Assert.Equal([1, 1], mapper.BatchSizes);
    }

    [Fact]
    public async Task RowsThatComeWhileOneIsComputedAreComputedTogetherAndGetTheirOwnValues()
    {
        var mapper = new SlowMapper();
        var gathering = new RowGathering(mapper);
        Task<string> first = Ask(gathering, "first");
        await mapper.Entered;

        Task<string>[] others = Enumerable.Range(1, 20).Select(length => Ask(gathering, new string('x', length))).ToArray();
        await Until(() => gathering.WaitingRows == 20);
        mapper.Open();

        Assert.Equal("5", await first);
        Assert.Equal(Enumerable.Range(1, 20).Select(length => length.ToString()), await Task.WhenAll(others));
        Assert.Equal([1, 20], mapper.BatchSizes);
    }

    [Fact]
    public async Task MoreRowsThanFitABatchAreComputedInSeveral()
    {
        var mapper = new SlowMapper();
        var gathering = new RowGathering(mapper);
        Task<string> first = Ask(gathering, "first");
        await mapper.Entered;
        int count = RowGathering.MaximumRows + 6;

        Task<string>[] others = Enumerable.Range(1, count).Select(length => Ask(gathering, new string('x', length))).ToArray();
        await Until(() => gathering.WaitingRows == count);
        mapper.Open();

        await first;
        Assert.Equal(Enumerable.Range(1, count).Select(length => length.ToString()), await Task.WhenAll(others));
        Assert.Equal([1, RowGathering.MaximumRows, 6], mapper.BatchSizes);
    }

    [Fact]
    public async Task RowsThatNeedOtherColumnsGoApart()
    {
        var mapper = new SlowMapper();
        var gathering = new RowGathering(mapper);
        Task<string> first = Ask(gathering, "first");
        await mapper.Entered;

        Task<string> same = Ask(gathering, "a"), same2 = Ask(gathering, "ab");
        Task<string> other = Task.Factory.StartNew(() => Value(gathering.Map(["abc"], [true, false], TruncationReport.None)), TaskCreationOptions.LongRunning);
        await Until(() => gathering.WaitingRows == 3);
        mapper.Open();

        Assert.Equal(["5", "1", "2", "3"], await Task.WhenAll(first, same, same2, other));
        Assert.Equal([1, 1, 2], mapper.BatchSizes.Order());
    }

    [Fact]
    public async Task ARowThatFailsDoesNotFailTheOthers()
    {
        var mapper = new SlowMapper();
        var gathering = new RowGathering(mapper);
        Task<string> first = Ask(gathering, "first");
        await mapper.Entered;

        Task<string> good = Ask(gathering, "good"), bad = Ask(gathering, "bad!");
        await Until(() => gathering.WaitingRows == 2);
        mapper.Open();

        Assert.Equal("4", await good);
        Assert.Equal("'bad!' is not for me", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message);
        Assert.Equal("2", Value(gathering.Map(["ok"], Both, TruncationReport.None)));
        await first;
    }

    [Fact]
    public async Task NothingIsLostOrMixedUpUnderLoad()
    {
        var mapper = new SlowMapper();
        var gathering = new RowGathering(mapper);
        mapper.Open();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < 500; i++)
                {
                    int length = (thread * 31 + i) % 97;
                    Assert.Equal(length.ToString(), Value(gathering.Map([new string('x', length)], Both, TruncationReport.None)));
                }
            },
            TaskCreationOptions.LongRunning)));

        Assert.Equal(16 * 500, mapper.BatchSizes.Sum());
    }

    private static Task<string> Ask(RowGathering gathering, string text) =>
        Task.Factory.StartNew(() => Value(gathering.Map([text], Both, TruncationReport.None)), TaskCreationOptions.LongRunning);

    private static string Value((Array?[] Outputs, int Index) result) => ((string[])result.Outputs[0]!)[result.Index];

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(1);
    }

    /// <summary>Tells the length of texts, once it is let.</summary>
    private sealed class SlowMapper : ITextMapper
    {
        private readonly TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim opened = new();

        public Task Entered => entered.Task;
        public List<int> BatchSizes { get; } = [];
        public string InputColumn => "Text";
        public IReadOnlyList<OutputColumn> Outputs { get; } = [new("Length", TextDataViewType.Instance), new("Other", TextDataViewType.Instance)];
        public int RowsAhead => 8;
        public int? MaximumTokens => null;
        public TransformerModel? Network => null;

        public void Open() => opened.Set();
        public IDisposable Hold() => throw new NotSupportedException();

        public Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
        {
            entered.TrySetResult();
            opened.Wait();
            if (texts.FirstOrDefault(text => text.EndsWith('!')) is { } bad)
                throw new InvalidOperationException($"'{bad}' is not for me");
            BatchSizes.Add(texts.Count);
            return [texts.Select(text => text.Length.ToString()).ToArray(), null];
        }
    }
}
