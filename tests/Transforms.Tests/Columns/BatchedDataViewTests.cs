using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Transforms.Tests;

public sealed class BatchedDataViewTests
{
    private readonly MLContext ml = new(seed: 1);

    [Theory]
    [InlineData(0, 8)]
    [InlineData(1, 8)]
    [InlineData(7, 8)]
    [InlineData(8, 8)]
    [InlineData(50, 8)]
    [InlineData(50, 1)]
    [InlineData(50, 1000)]
    public void EveryRowGetsItsOwnValuesWhateverTheBatchSize(int rows, int rowsAhead)
    {
        Message[] messages = Message.Many(rows);
        IDataView output = Transform(messages, new FakeMapper(rowsAhead));

        Assert.Equal(messages.Select(message => (float)(message.Text ?? "").Length), output.Column<float>("Length"));
        Assert.Equal(messages.Select(message => (message.Text ?? "").ToUpperInvariant()), output.Strings("Shout"));
        Assert.Equal(messages.Select(message => (message.Text ?? "").Select(character => (int)character).ToArray()), output.Vectors<int>("Codes"));
    }

    [Fact]
    public void ColumnsOfEveryTypePassThroughReadAhead()
    {
        Message[] messages = Message.Many(50);
        IDataView output = Transform(messages, new FakeMapper());

        List<Message> back = ml.Data.CreateEnumerable<Message>(output, reuseRowObject: false).ToList();

        Assert.Equal(messages.Length, back.Count);
        foreach ((Message expected, Message actual) in messages.Zip(back))
        {
            Assert.Equal(expected.Text ?? "", actual.Text);
            Assert.Equal(expected.Label, actual.Label);
            Assert.Equal(expected.Number, actual.Number);
            Assert.Equal(expected.Vector, actual.Vector);
            Assert.Equal(expected.Ragged, actual.Ragged);
            Assert.Equal(expected.Time, actual.Time);
        }
    }

    [Fact]
    public void SparseVectorsAndKeysPassThrough()
    {
        IDataView input = ml.Transforms.Conversion.MapValueToKey("Key", "Text")
            .Append(ml.Transforms.Conversion.MapValueToKey("Other", "Label"))
            .Fit(ml.Data.LoadFromEnumerable(Message.Many(30))).Transform(ml.Data.LoadFromEnumerable(Message.Many(30)));

        IDataView output = new FakeTransformer(ml, new FakeMapper()).Transform(input);

        Assert.Equal(input.Column<uint>("Key"), output.Column<uint>("Key"));
        Assert.Equal(input.Schema["Key"].Annotations.Schema.Count, output.Schema["Key"].Annotations.Schema.Count);
    }

    [Fact]
    public void AVectorTakenFromOneRowDoesNotChangeWithTheNext()
    {
        IDataView output = Transform(Message.Many(20), new FakeMapper(4));
        DataViewSchema.Column column = output.Schema["Vector"];
        using DataViewRowCursor cursor = output.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        cursor.MoveNext();
        VBuffer<float> first = default;
        getter(ref first);

        while (cursor.MoveNext())
        {
            VBuffer<float> other = default;
            getter(ref other);
        }

        Assert.Equal([0f, 0.5f, 0f], first.DenseValues());
    }

    [Fact]
    public void OnlyTheColumnsAskedForAreComputed()
    {
        var mapper = new FakeMapper();
        IDataView output = Transform(Message.Many(3), mapper);

        output.Column<float>("Length");
        output.Column<float>("Number");

        Assert.Equal([true, false, false], Assert.Single(mapper.Calls).Active);
    }

    [Fact]
    public void RowsComeToTheMapperInFullBatches()
    {
        var mapper = new FakeMapper(8);

        Transform(Message.Many(20), mapper).Column<float>("Length");

        Assert.Equal([8, 8, 4], mapper.Calls.Select(call => call.Rows));
    }

    [Fact]
    public void TheInputIsReadOnlyForColumnsThatAreNeeded()
    {
        IDataView output = Transform(Message.Many(3), new FakeMapper());

        using DataViewRowCursor cursor = output.GetRowCursor([output.Schema["Number"]]);

        Assert.True(cursor.IsColumnActive(output.Schema["Number"]));
        Assert.False(cursor.IsColumnActive(output.Schema["Text"]));
        Assert.False(cursor.IsColumnActive(output.Schema["Length"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cursor.GetGetter<float>(output.Schema["Length"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<double>(output.Schema["Number"]));
    }

    [Fact]
    public void RowCountAndShufflingAreThoseOfTheInput()
    {
        IDataView streaming = ml.Data.LoadFromEnumerable(Message.Many(5).Where(_ => true));
        IDataView cached = ml.Data.Cache(streaming);
        cached.Column<float>("Number");

        Assert.Null(Transform(streaming).GetRowCount());
        Assert.False(Transform(streaming).CanShuffle);
        Assert.Equal(5, Transform(cached).GetRowCount());
        Assert.True(Transform(cached).CanShuffle);
    }

    [Fact]
    public void AShuffledCursorGivesEveryRowWithItsOwnValues()
    {
        IDataView output = Transform(ml.Data.Cache(ml.Data.LoadFromEnumerable(Message.Many(40))));
        DataViewSchema.Column number = output.Schema["Number"], length = output.Schema["Length"], text = output.Schema["Text"];
        using DataViewRowCursor cursor = output.GetRowCursor([number, length, text], new Random(5));
        ValueGetter<float> numbers = cursor.GetGetter<float>(number), lengths = cursor.GetGetter<float>(length);
        ValueGetter<ReadOnlyMemory<char>> texts = cursor.GetGetter<ReadOnlyMemory<char>>(text);
        var seen = new List<float>();
        while (cursor.MoveNext())
        {
            float value = 0, size = 0;
            ReadOnlyMemory<char> characters = default;
            numbers(ref value);
            lengths(ref size);
            texts(ref characters);
            seen.Add(value);
            Assert.Equal(characters.Length, size);
        }

        Assert.Equal(Enumerable.Range(0, 40).Select(i => (float)i), seen.Order());
        Assert.NotEqual(seen.Order(), seen);
    }

    [Fact]
    public void ShuffleRowsAndTakeRowsWorkOnTop()
    {
        IDataView output = Transform(Message.Many(40), new FakeMapper());

        List<float> shuffled = ml.Data.ShuffleRows(output, seed: 3).Column<float>("Length");
        List<float> taken = ml.Data.TakeRows(output, 5).Column<float>("Length");

        Assert.Equal(output.Column<float>("Length").Order(), shuffled.Order());
        Assert.Equal(output.Column<float>("Length").Take(5), taken);
    }

    [Fact]
    public void RowIdsAreThoseOfTheInput()
    {
        IDataView input = ml.Data.LoadFromEnumerable(Message.Many(20));
        IDataView output = new FakeTransformer(ml, new FakeMapper()).Transform(input);

        Assert.Equal(Ids(input), Ids(output));

        static List<DataViewRowId> Ids(IDataView view)
        {
            var ids = new List<DataViewRowId>();
            using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
            ValueGetter<DataViewRowId> getter = cursor.GetIdGetter();
            while (cursor.MoveNext())
            {
                DataViewRowId id = default;
                getter(ref id);
                ids.Add(id);
                Assert.Equal(ids.Count - 1, cursor.Position);
            }
            return ids;
        }
    }

    [Fact]
    public void ACursorSetCoversEveryRowOnce()
    {
        IDataView output = Transform(Message.Many(40), new FakeMapper());
        DataViewSchema.Column column = output.Schema["Number"];
        var seen = new List<float>();
        foreach (DataViewRowCursor cursor in output.GetRowCursorSet([column], 4))
        {
            using (cursor)
            {
                ValueGetter<float> getter = cursor.GetGetter<float>(column);
                float value = 0;
                while (cursor.MoveNext())
                {
                    getter(ref value);
                    seen.Add(value);
                }
            }
        }

        Assert.Equal(40, seen.Distinct().Count());
        Assert.Equal(40, seen.Count);
    }

    [Fact]
    public async Task CursorsOfOneViewRunAtTheSameTime()
    {
        Message[] messages = Message.Many(200);
        IDataView output = Transform(messages, new FakeMapper(16));
        float[] expected = messages.Select(message => (float)(message.Text ?? "").Length).ToArray();

        List<float>[] all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => output.Column<float>("Length"))));

        Assert.All(all, lengths => Assert.Equal(expected, lengths));
    }

    [Fact]
    public void CachingKeepsTheValues()
    {
        var mapper = new FakeMapper();
        IDataView output = Transform(Message.Many(20), mapper);
        IDataView cached = ml.Data.Cache(output, "Length");

        List<float> first = cached.Column<float>("Length");
        int calls = mapper.Calls.Count;
        List<float> second = cached.Column<float>("Length");

        Assert.Equal(output.Column<float>("Length"), first);
        Assert.Equal(first, second);
        Assert.Equal(3, calls);
    }

    [Fact]
    public void ValuesCannotBeFetchedBeforeTheFirstOrAfterTheLastRow()
    {
        IDataView output = Transform(Message.Many(2), new FakeMapper());
        DataViewSchema.Column column = output.Schema["Length"];
        using DataViewRowCursor cursor = output.GetRowCursor([column]);
        ValueGetter<float> getter = cursor.GetGetter<float>(column);
        float value = 0;

        Assert.Equal(-1, cursor.Position);
        Assert.Throws<InvalidOperationException>(() => getter(ref value));
        Assert.True(cursor.MoveNext() && cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.Throws<InvalidOperationException>(() => getter(ref value));
    }

    [Fact]
    public void AnOutputHidesAnInputColumnOfTheSameName()
    {
        IDataView input = ml.Transforms.CopyColumns("Length", "Number").Fit(ml.Data.LoadFromEnumerable(Message.Many(3))).Transform(ml.Data.LoadFromEnumerable(Message.Many(3)));

        IDataView output = new FakeTransformer(ml, new FakeMapper()).Transform(input);

        Assert.Equal([0f, 6f, 12f], output.Column<float>("Length"));
        Assert.True(output.Schema[input.Schema["Length"].Index].IsHidden);
    }

    [Fact]
    public void CursorsLetGoOfTheModel()
    {
        var mapper = new FakeMapper();
        IDataView output = Transform(Message.Many(20), mapper);

        using (DataViewRowCursor cursor = output.GetRowCursor(output.Schema))
        {
            cursor.MoveNext();
            Assert.Equal(1, mapper.Holders);
        }

        Assert.Equal(0, mapper.Holders);
    }

    private IDataView Transform(IDataView input) => new FakeTransformer(ml, new FakeMapper()).Transform(input);

    private IDataView Transform(Message[] messages, FakeMapper mapper) =>
        new FakeTransformer(ml, mapper).Transform(ml.Data.LoadFromEnumerable(messages));
}
