using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Data;

public class WindowBatchesTests
{
    private const int EndOfText = 0;

    private static readonly int[] Stream = TokenStream.Join(
        Enumerable.Range(1, 60).Select(text => Enumerable.Repeat(text, 1 + text % 9).ToArray()), EndOfText);

    private static WindowSettings Settings(TextPacking packing) => new(packing, Length: 12, Stride: 11, BatchSize: 4, EndOfText, PaddingId: 0, torch.CPU);

    private static List<(long[] Ids, long[] Targets, long Time)> Batches(TextPacking packing, int epoch, long skip = 0, int seed = 1)
    {
        var read = new List<(long[], long[], long)>();
        using var corpus = new MemoryCorpus([Stream], endOfText: null);
        foreach (var batch in new WindowSource(corpus, Settings(packing)).Epoch(seed, epoch).From(skip))
        {
            using (batch)
            {
                read.Add((batch.Tokens.Ids.data<long>().ToArray(), batch.Targets!.data<long>().ToArray(), batch.Tokens.Ids.shape[1]));
            }
        }

        return read;
    }

    [Theory]
    [InlineData(TextPacking.Stream)]
    [InlineData(TextPacking.WholeTexts)]
    [InlineData(TextPacking.Separate)]
    public void An_epoch_can_be_taken_up_after_any_number_of_batches(TextPacking packing)
    {
        var all = Batches(packing, epoch: 2);

        for (var skip = 0; skip <= all.Count; skip++)
        {
            var rest = Batches(packing, epoch: 2, skip);
            Assert.Equal(all.Skip(skip).Select(batch => batch.Ids), rest.Select(batch => batch.Ids));
            Assert.Equal(all.Skip(skip).Select(batch => batch.Targets), rest.Select(batch => batch.Targets));
        }
    }

    [Theory]
    [InlineData(TextPacking.Stream)]
    [InlineData(TextPacking.WholeTexts)]
    [InlineData(TextPacking.Separate)]
    public void Epochs_and_seeds_differ(TextPacking packing)
    {
        static long[] Ids(List<(long[] Ids, long[] Targets, long Time)> batches) => batches.SelectMany(batch => batch.Ids).ToArray();

        Assert.NotEqual(Ids(Batches(packing, epoch: 0)), Ids(Batches(packing, epoch: 1)));
        Assert.NotEqual(Ids(Batches(packing, epoch: 0, seed: 1)), Ids(Batches(packing, epoch: 0, seed: 2)));
    }

    [Theory]
    [InlineData(TextPacking.Stream)]
    [InlineData(TextPacking.WholeTexts)]
    [InlineData(TextPacking.Separate)]
    public void Every_token_is_predicted_once_an_epoch(TextPacking packing)
    {
        var targets = Batches(packing, epoch: 3).SelectMany(batch => batch.Targets).Where(target => target != LanguageModelLoss.Ignored);

        Assert.Equal(Stream.Skip(1).Select(id => (long)id).Order(), targets.Order());
    }

    [Theory]
    [InlineData(TextPacking.Stream, 33)]
    [InlineData(TextPacking.Stream, 100)]
    [InlineData(TextPacking.Separate, 33)]
    public void Every_epoch_has_the_same_number_of_batches_of_nearly_the_same_size(TextPacking packing, int tokens)
    {
        using var corpus = new MemoryCorpus([Stream[..tokens]], endOfText: null);
        var source = new WindowSource(corpus, Settings(packing));

        for (var epoch = 0; epoch < 20; epoch++)
        {
            var sizes = source.Epoch(1, epoch).From(0).Select(batch =>
            {
                using (batch)
                {
                    return batch.Tokens.RowCount;
                }
            }).ToList();
            Assert.Equal(source.BatchesPerEpoch, sizes.Count);
            Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
            Assert.InRange(sizes.Max(), 1, 5);
        }
    }

    [Fact]
    public void Separate_texts_are_batched_with_texts_of_similar_length()
    {
        var padding = Batches(TextPacking.Separate, epoch: 0).Sum(batch => batch.Targets.Count(target => target == LanguageModelLoss.Ignored));
        var places = Batches(TextPacking.Separate, epoch: 0).Sum(batch => batch.Ids.Length);

        // One of these is the last position of each row, which has nothing to predict.
        Assert.InRange((padding - 60) / (double)places, 0, 0.15);
    }

    [Fact]
    public void A_corpus_in_memory_joins_its_texts_in_another_order_each_epoch()
    {
        using var corpus = new MemoryCorpus(Enumerable.Range(1, 50).Select(id => new[] { id }), EndOfText);

        static int[] Read(ITokenStore store)
        {
            var ids = new int[store.Count];
            store.Read(0, ids);
            return ids;
        }

        Assert.Equal(Read(corpus.Epoch(7, 1)), Read(corpus.Epoch(7, 1)));
        Assert.NotEqual(Read(corpus.Epoch(7, 1)), Read(corpus.Epoch(7, 2)));
        Assert.Equal(Read(corpus.Epoch(7, 1)).Order(), Read(corpus.Epoch(7, 2)).Order());
    }
}
