namespace MLNetLlm.Trainers.Tests.Training;

public class PrefetchTests
{
    private sealed class Element(int number, Action onDispose) : IDisposable
    {
        public int Number => number;

        public void Dispose() => onDispose();
    }

    [Fact]
    public void Keeps_the_order()
    {
        var source = Enumerable.Range(0, 100).Select(number => new Element(number, () => { }));

        Assert.Equal(Enumerable.Range(0, 100), Prefetch.Ahead(source).Select(element => element.Number));
    }

    [Fact]
    public void A_failure_while_preparing_reaches_the_consumer()
    {
        static IEnumerable<Element> Failing()
        {
            yield return new Element(0, () => { });
            throw new InvalidDataException("row 1 is damaged");
        }

        var error = Assert.Throws<InvalidDataException>(() => Prefetch.Ahead(Failing()).Count());

        Assert.Equal("row 1 is damaged", error.Message);
    }

    [Fact]
    public void Elements_that_nobody_takes_are_disposed()
    {
        var (created, disposed) = (0, 0);
        var source = Enumerable.Range(0, 1_000).Select(number =>
        {
            Interlocked.Increment(ref created);
            return new Element(number, () => Interlocked.Increment(ref disposed));
        });

        foreach (var element in Prefetch.Ahead(source))
        {
            using (element)
            {
                break;
            }
        }

        Assert.InRange(created, 1, 999);
        Assert.Equal(created, disposed);
    }
}
