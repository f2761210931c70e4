namespace Conformance.Tests;

public class Sample<T> : IComparable<Sample<T>>
    where T : class, new()
{
    public const double Half = 0.5;

    protected Sample(T item, in int number, DayOfWeek day = DayOfWeek.Friday, string text = "a\n")
    {
    }

    public int? Number { get; protected set; }

    public virtual TResult[] Join<TResult>(ref int count, out long total, params Dictionary<string, T>[] parts)
        where TResult : struct
    {
        total = 0;
        return [];
    }

    public int CompareTo(Sample<T>? other) => 0;

    internal void Hidden()
    {
    }
}

public sealed class PublicApiSpecifications
{
    private const string Name = "Conformance.Tests.Sample<T>";

    private static readonly string[] Lines =
    [
        $"{Name} [public class] : System.IComparable<{Name}> where T : class, new()",
        $"{Name}.CompareTo({Name} other) [public method] -> int",
        $"{Name}.Half [public const] = 0.5 -> double",
        $"{Name}.Join<TResult>(ref int count, out long total, params System.Collections.Generic.Dictionary<string, T>[] parts) [public virtual method] -> TResult[] where TResult : struct",
        $"{Name}.Number {{ get; protected set; }} [public property] -> int?",
        $"{Name}.Sample(T item, in int number, System.DayOfWeek day = System.DayOfWeek.Friday, string text = \"a\\n\") [protected ctor] -> void",
    ];

    [Fact]
    public void Members_are_written_in_the_format_of_the_listings()
    {
        IEnumerable<string> listed = PublicApi.List(typeof(PublicApiSpecifications).Assembly.Location).Where(line => line.StartsWith(Name));
        Assert.Equal(Lines.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Less_than_the_real_api_is_allowed_and_anything_else_is_not()
    {
        RealApi real = new(Lines);

        Assert.All(Lines, line => Assert.True(real.Allows(line)));
        Assert.True(real.Allows($"{Name} [public class] where T : class, new()"));
        Assert.False(real.Allows($"{Name} [public sealed class] : System.IComparable<{Name}> where T : class, new()"));
        Assert.False(real.Allows($"{Name} [public class] : System.IDisposable where T : class, new()"));
        Assert.False(real.Allows($"{Name} [public class] where T : struct"));
        Assert.False(real.Allows($"{Name}.CompareTo({Name} another) [public method] -> int"));
        Assert.False(real.Allows($"{Name}.Number {{ get; set; }} [public property] -> int?"));
        Assert.False(real.Allows("Conformance.Tests.Other [public class]"));
        Assert.Contains(Lines[4], real.Nearest($"{Name}.Number {{ get; set; }} [public property] -> int?"));
    }
}
