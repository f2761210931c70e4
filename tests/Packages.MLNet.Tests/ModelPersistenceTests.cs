using System.IO.Compression;
using Microsoft.ML.Trainers;

namespace Packages.MLNet.Tests;

public class ModelPersistenceTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Row
    {
        public bool Label { get; set; }
        public string Text { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; }
    }

    private IDataView Data => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new Row
    {
        Label = i % 2 == 0,
        Text = i % 3 == 0 ? "fizz" : "none",
        Features = [i % 2, i],
    }).ToArray());

    private ITransformer Fit() => _ml.Transforms.Conversion.MapValueToKey("Key", "Text")
        .Append(_ml.Transforms.Conversion.MapKeyToValue("Back", "Key"))
        .Append(_ml.Transforms.Conversion.MapValue("Length", new Dictionary<string, int> { ["fizz"] = 4 }, "Text"))
        .Append(_ml.Transforms.Conversion.ConvertType("LengthAsSingle", "Length"))
        .Append(_ml.Transforms.CopyColumns("Copy", "Text"))
        .Append(_ml.Transforms.Concatenate("Features", "Features", "LengthAsSingle"))
        .Append(_ml.BinaryClassification.Trainers.LbfgsLogisticRegression())
        .Append(_ml.Transforms.DropColumns("Length"))
        .Fit(Data);

    private byte[] Save(ITransformer model)
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(model, Data.Schema, stream);
        return stream.ToArray();
    }

    private static ITransformer Load(byte[] zip, out DataViewSchema schema) => new MLContext().Model.Load(new MemoryStream(zip), out schema);

    [Fact]
    public void A_model_gives_the_same_results_after_loading()
    {
        ITransformer model = Fit();
        ITransformer loaded = Load(Save(model), out DataViewSchema schema);
        IDataView expected = model.Transform(Data);
        IDataView actual = loaded.Transform(Data);

        Assert.Equal(Data.Schema.Select(column => column.ToString()), schema.Select(column => column.ToString()));
        Assert.Equal(expected.Schema.Select(column => column.ToString()), actual.Schema.Select(column => column.ToString()));
        Assert.Equal(expected.GetColumn<float>("Probability"), actual.GetColumn<float>("Probability"));
        Assert.Equal(expected.GetColumn<uint>("Key"), actual.GetColumn<uint>("Key"));
        Assert.Equal(expected.GetColumn<string>("Back"), actual.GetColumn<string>("Back"));
        Assert.IsType<TransformerChain<ITransformer>>(loaded);
    }

    [Fact]
    public void The_zip_has_the_layout_that_users_know()
    {
        using var archive = new ZipArchive(new MemoryStream(Save(Fit())));
        string[] names = archive.Entries.Select(entry => entry.FullName.Replace('\\', '/')).ToArray();

        Assert.Contains("TrainingInfo/Version.txt", names);
        Assert.Contains("TransformerChain/Model.key", names);
        Assert.Contains("TransformerChain/Transform_000/Model.key", names);
        Assert.Contains("TransformerChain/Transform_007/Model.key", names);
        Assert.Contains("TransformerChain/Transform_000/Vocabulary/Model.key", names);
        Assert.Contains("TransformerChain/Transform_006/Model/Model.key", names);
        Assert.Contains("Schema", names);
        using var version = new StreamReader(archive.GetEntry("TrainingInfo/Version.txt").Open());
        Assert.StartsWith("5.", version.ReadToEnd());
    }

    [Fact]
    public void A_model_stream_starts_with_the_256_byte_header()
    {
        byte[] bytes = ReadEntry(Save(Fit()), "TransformerChain/Transform_000/Model.key");

        Assert.Equal("ML\0MODEL"u8.ToArray(), bytes[..8]);
        Assert.Equal(256, BitConverter.ToInt64(bytes, 0x10));
        Assert.Equal("TERMTRNF"u8.ToArray(), bytes[0x40..0x48]);
        Assert.Equal("TermTransform", System.Text.Encoding.ASCII.GetString(bytes, 0x50, 13));
        long tail = BitConverter.ToInt64(bytes, 0x80);
        Assert.Equal("LEDOM\0LM"u8.ToArray(), bytes[(int)tail..((int)tail + 8)]);
        Assert.Equal(bytes.Length, BitConverter.ToInt64(bytes, 0x88));
    }

    [Fact]
    public void A_model_can_be_saved_to_a_file_with_or_without_a_schema()
    {
        string path = Path.GetTempFileName();
        try
        {
            _ml.Model.Save(Fit(), Data.Schema, path);
            Assert.Equal(40, _ml.Model.Load(path, out _).Transform(Data).GetColumn<float>("Score").Count());

            _ml.Model.Save(Fit(), (DataViewSchema)null, path);
            Assert.NotNull(_ml.Model.Load(path, out DataViewSchema schema));
            Assert.Null(schema);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_trained_part_keeps_its_parameters()
    {
        var model = _ml.BinaryClassification.Trainers.AveragedPerceptron().Fit(Data);

        var loaded = Assert.IsType<TransformerChain<ITransformer>>(Load(Save(new TransformerChain<ITransformer>(model)), out _));

        var predictor = Assert.IsAssignableFrom<ISingleFeaturePredictionTransformer<object>>(loaded.LastTransformer);
        var linear = Assert.IsType<LinearBinaryModelParameters>(predictor.Model);
        Assert.Equal(model.Model.Weights, linear.Weights);
        Assert.Equal(model.Model.Bias, linear.Bias);
    }

    [Fact]
    public void Key_values_of_the_input_schema_are_kept()
    {
        IDataView keyed = _ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(Data).Transform(Data);
        using var stream = new MemoryStream();
        _ml.Model.Save(_ml.Transforms.Conversion.MapKeyToValue("Back", "Key").Fit(keyed), keyed.Schema, stream);
        stream.Position = 0;

        _ml.Model.Load(stream, out DataViewSchema schema);

        VBuffer<ReadOnlyMemory<char>> values = default;
        schema["Key"].GetKeyValues(ref values);
        Assert.Equal(["fizz", "none"], values.DenseValues().Select(value => value.ToString()));
    }

    [Fact]
    public void A_model_can_be_saved_with_its_text_loader()
    {
        TextLoader loader = _ml.Data.CreateTextLoader([new TextLoader.Column("Text", DataKind.String, 1)], separatorChar: ',', allowQuoting: true);
        ITransformer model = _ml.Transforms.CopyColumns("Copy", "Text").Fit(_ml.Data.LoadFromEnumerable(new[] { new { Text = "" } }));
        using var stream = new MemoryStream();
        _ml.Model.Save(model, loader, stream);
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "1,\"a,b\"\n2,c\n");
        try
        {
            stream.Position = 0;
            ITransformer loaded = new MLContext().Model.LoadWithDataLoader(stream, out IDataLoader<IMultiStreamSource> loadedLoader);

            Assert.Equal(["a,b", "c"], loaded.Transform(loadedLoader.Load(path)).GetColumn<string>("Copy"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void What_is_no_zip_is_refused()
    {
        var exception = Assert.Throws<FormatException>(() => Load([1, 2, 3, 4], out _));

        Assert.Equal("Failed to open a zip archive", exception.Message);
    }

    [Fact]
    public void A_truncated_zip_is_refused()
    {
        byte[] zip = Save(Fit());

        Assert.Throws<FormatException>(() => Load(zip[..(zip.Length / 2)], out _));
    }

    [Fact]
    public void A_model_stream_without_its_signature_is_refused()
    {
        byte[] zip = Rewrite(Save(Fit()), "TransformerChain/Model.key", bytes => bytes[0] = 0);

        var exception = Assert.Throws<FormatException>(() => Load(zip, out _));

        Assert.Equal("Wrong file type", exception.Message);
    }

    [Fact]
    public void A_shortened_model_stream_is_refused()
    {
        byte[] zip = Rewrite(Save(Fit()), "TransformerChain/Transform_000/Model.key", bytes => bytes[0x88]++);

        Assert.ThrowsAny<Exception>(() => Load(zip, out _));
    }

    [Fact]
    public void A_model_from_a_newer_version_is_refused_with_both_versions()
    {
        byte[] zip = Rewrite(Save(Fit()), "TransformerChain/Transform_000/Model.key", bytes =>
        {
            bytes[0x4A] = 9;
            bytes[0x4E] = 9;
        });

        Exception exception = Assert.ThrowsAny<Exception>(() => Load(zip, out _));
        var cause = Assert.IsType<FormatException>(exception.GetBaseException());

        Assert.Contains("cannont read component 'TermTransform' of the model, because the model is too new", cause.Message);
        Assert.Equal("Error during class instantiation", exception.Message);
    }

    [Fact]
    public void A_model_of_an_unknown_class_is_refused()
    {
        byte[] zip = Rewrite(Save(Fit()), "TransformerChain/Transform_000/Model.key", bytes => bytes[0x50] = (byte)'X');

        Exception exception = Assert.ThrowsAny<Exception>(() => Load(zip, out _));

        Assert.Contains("Couldn't load model: 'TransformerChain", exception.GetBaseException().Message);
    }

    [Fact]
    public void A_missing_part_is_refused()
    {
        byte[] zip = Rewrite(Save(Fit()), "TransformerChain/Transform_001/Model.key", null);

        Exception exception = Assert.ThrowsAny<Exception>(() => Load(zip, out _));

        Assert.Equal("Corrupt model file", exception.GetBaseException().Message);
    }

    private static byte[] ReadEntry(byte[] zip, string name)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        using Stream stream = archive.GetEntry(name).Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>The zip with one entry changed, or left out.</summary>
    private static byte[] Rewrite(byte[] zip, string name, Action<byte[]> change)
    {
        using var stream = new MemoryStream();
        stream.Write(zip);
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            byte[] bytes = ReadEntry(zip, name);
            archive.GetEntry(name).Delete();
            if (change is not null)
            {
                change(bytes);
                using Stream target = archive.CreateEntry(name).Open();
                target.Write(bytes);
            }
        }
        return stream.ToArray();
    }
}
