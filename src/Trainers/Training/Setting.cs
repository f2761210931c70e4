using System.Globalization;

namespace MLNetLlm.Trainers;

/// <summary>Range checks whose messages name the setting, what it must be and what it was; NaN is never in range.</summary>
internal static class Setting
{
    public static void AtLeast(long minimum, long value, string name)
    {
        if (value < minimum)
        {
            throw OutOfRange(name, $"at least {minimum}", value);
        }
    }

    public static void Positive(double value, string name)
    {
        if (!(value > 0) || double.IsInfinity(value))
        {
            throw OutOfRange(name, "a finite number greater than 0", value);
        }
    }

    public static void Between(double minimum, double maximum, double value, string name)
    {
        if (!(value >= minimum && value <= maximum))
        {
            throw OutOfRange(name, string.Create(CultureInfo.InvariantCulture, $"between {minimum} and {maximum}"), value);
        }
    }

    public static void Defined<T>(T value, string name)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            throw new ArgumentOutOfRangeException(name, $"{name} must be one of {string.Join(", ", Enum.GetNames<T>())}, but is {value:d}.");
        }
    }

    private static ArgumentOutOfRangeException OutOfRange(string name, string expected, IFormattable value) =>
        new(name, $"{name} must be {expected}, but is {value.ToString(null, CultureInfo.InvariantCulture)}.");
}
