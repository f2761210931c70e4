using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

public class DocumentSpecifications
{
    [Theory]
    [InlineData(Precision.Float32, 1e-5)]
    [InlineData(Precision.BFloat16, 0.1)]
    public void Documents_side_by_side_have_the_hidden_states_that_each_has_alone(Precision precision, double tolerance)
    {
        using var network = TestNetworks.Create(precision: precision);
        var documents = TestNetworks.RandomRows(1, 7, 12, 1, 9);
        using var noGradient = no_grad();
        using var ids = TestNetworks.Ids([.. documents.SelectMany(row => row)]);
        using var numbers = tensor(documents.SelectMany((row, number) => row.Select(_ => (long)number)).ToArray(), [1, 29]);

        using var together = network.ForwardDocuments(ids, numbers);

        var start = 0L;
        foreach (var document in documents)
        {
            using var alone = network.call(TestNetworks.Ids(document));
            Assert.True(TestNetworks.LargestDifference(alone, together.narrow(1, start, document.Length)) < tolerance);
            start += document.Length;
        }
    }

    [Fact]
    public void Document_numbers_of_another_shape_are_refused()
    {
        using var network = TestNetworks.Create();
        using var ids = TestNetworks.Ids([1, 2, 3]);
        using var numbers = zeros(1, 2, ScalarType.Int64);

        Assert.Contains("[1, 3]", Assert.Throws<ArgumentException>(() => network.ForwardDocuments(ids, numbers)).Message);
    }
}
