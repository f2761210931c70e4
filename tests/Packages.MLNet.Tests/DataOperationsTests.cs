namespace Packages.MLNet.Tests;

public class DataOperationsTests
{
    private readonly MLContext _ml = new(7);

    private sealed class Row
    {
        public int Id { get; set; }
        public float Value { get; set; }
        public string Group { get; set; }
        public float[] Vector { get; set; }
    }

    private IDataView Data(int count = 1000) => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Row
    {
        Id = i,
        Value = i % 10 == 3 ? float.NaN : i,
        Group = "group" + i % 50,
        Vector = [i, i + 1],
    }).ToList());

    private static int[] Ids(IDataView data) => data.GetColumn<int>("Id").ToArray();

    [Fact]
    public void A_split_is_a_partition_and_repeatable()
    {
        IDataView data = Data();
        DataOperationsCatalog.TrainTestData split = _ml.Data.TrainTestSplit(data, testFraction: 0.2);
        int[] train = Ids(split.TrainSet);
        int[] test = Ids(split.TestSet);

        Assert.Equal(Enumerable.Range(0, 1000), train.Concat(test).Order());
        Assert.InRange(test.Length, 150, 250);
        Assert.Equal(test, Ids(split.TestSet));
        Assert.Equal(test, Ids(new MLContext(7).Data.TrainTestSplit(data, 0.2).TestSet));
        Assert.NotEqual(test, Ids(_ml.Data.TrainTestSplit(data, 0.2, seed: 99).TestSet));
        Assert.Equal(data.Schema.Select(column => column.Name), split.TestSet.Schema.Select(column => column.Name));
    }

    [Fact]
    public void Rows_with_one_sampling_key_stay_together()
    {
        DataOperationsCatalog.TrainTestData split = _ml.Data.TrainTestSplit(Data(), 0.3, samplingKeyColumnName: "Group");

        string[] test = split.TestSet.GetColumn<string>("Group").Distinct().ToArray();
        string[] train = split.TrainSet.GetColumn<string>("Group").Distinct().ToArray();

        Assert.Empty(test.Intersect(train));
        Assert.Equal(50, test.Length + train.Length);
        Assert.NotEmpty(test);
    }

    [Fact]
    public void Folds_cover_every_row_once()
    {
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds = _ml.Data.CrossValidationSplit(Data(), numberOfFolds: 4);

        Assert.Equal(4, folds.Count);
        Assert.Equal(Enumerable.Range(0, 1000), folds.SelectMany(fold => Ids(fold.TestSet)).Order());
        foreach (DataOperationsCatalog.TrainTestData fold in folds)
            Assert.Equal(1000, Ids(fold.TrainSet).Length + Ids(fold.TestSet).Length);
    }

    [Fact]
    public void Split_arguments_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.TrainTestSplit(Data(), testFraction: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.CrossValidationSplit(Data(), numberOfFolds: 1));
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.TrainTestSplit(Data(), samplingKeyColumnName: "Nothing"));
        Assert.Contains("Could not find SamplingKeyColumn column 'Nothing'", exception.Message);
    }

    [Fact]
    public void Shuffling_keeps_rows_whole_and_is_repeatable_with_a_seed()
    {
        IDataView shuffled = _ml.Data.ShuffleRows(Data(), seed: 5);
        int[] first = Ids(shuffled);

        Assert.NotEqual(Enumerable.Range(0, 1000), first);
        Assert.Equal(Enumerable.Range(0, 1000), first.Order());
        Assert.Equal(first, Ids(shuffled));
        Assert.NotEqual(first, Ids(_ml.Data.ShuffleRows(Data(), seed: 6)));
        foreach (Row row in _ml.Data.CreateEnumerable<Row>(shuffled, reuseRowObject: false))
        {
            Assert.Equal([row.Id, row.Id + 1], row.Vector);
            Assert.Equal("group" + row.Id % 50, row.Group);
        }
    }

    [Fact]
    public void A_small_pool_shuffles_locally()
    {
        int[] ids = Ids(_ml.Data.ShuffleRows(Data(100), seed: 1, shufflePoolSize: 2));

        Assert.Equal(Enumerable.Range(0, 100), ids.Order());
        Assert.NotEqual(Enumerable.Range(0, 100), ids);
    }

    [Fact]
    public void A_cache_reads_its_source_once_per_column()
    {
        int reads = 0;
        IEnumerable<Row> Source()
        {
            reads++;
            for (int i = 0; i < 20; i++)
                yield return new Row { Id = i, Group = "g" + i, Vector = new float[i % 3] };
        }
        IDataView cached = _ml.Data.Cache(_ml.Data.LoadFromEnumerable(Source()));

        Assert.Equal(Ids(cached), Ids(cached));
        Assert.Equal(1, reads);
        Assert.True(cached.CanShuffle);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => "g" + i), cached.GetColumn<string>("Group"));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => i % 3), cached.GetColumn<float[]>("Vector").Select(vector => vector.Length));
    }

    [Fact]
    public void Rows_can_be_taken_and_skipped()
    {
        Assert.Equal([0, 1, 2], Ids(_ml.Data.TakeRows(Data(), 3)));
        Assert.Equal([997, 998, 999], Ids(_ml.Data.SkipRows(Data(), 997)));
        Assert.Equal(3, _ml.Data.TakeRows(Data(), 3).GetRowCount());
        Assert.Equal(3, _ml.Data.SkipRows(Data(), 997).GetRowCount());
        Assert.Empty(Ids(_ml.Data.SkipRows(Data(), 5000)));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.TakeRows(Data(), 0));
    }

    [Fact]
    public void Rows_can_be_filtered()
    {
        Assert.Equal([5, 6], Ids(_ml.Data.FilterRowsByColumn(Data(), "Value", 5, 7)));
        Assert.Equal(900, Ids(_ml.Data.FilterRowsByMissingValues(Data(), "Value")).Length);
        Assert.Equal([0, 1], Ids(_ml.Data.FilterByCustomPredicate<Row>(Data(), row => row.Id > 1)));
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.FilterRowsByColumn(Data(), "Group", 5, 7));
        Assert.Contains("Schema mismatch for filter column 'Group': expected number, got String", exception.Message);
    }

    [Fact]
    public void A_filter_reads_columns_that_nobody_else_asked_for()
    {
        IDataView filtered = _ml.Data.FilterRowsByColumn(Data(), "Value", 5, 7);
        using DataViewRowCursor cursor = filtered.GetRowCursor([filtered.Schema["Group"]]);

        Assert.True(cursor.MoveNext());
        Assert.Equal(0, cursor.Position);
        Assert.False(cursor.IsColumnActive(filtered.Schema["Value"]));
    }
}
