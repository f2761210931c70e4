using System.Globalization;

namespace Microsoft.ML.Runtime;

/// <summary>Creates and throws exceptions; a context, where there is one, marks them with the component they come from.</summary>
internal static class Contracts
{
    private const string MarkKey = "ML_IsMarked";

    public static TException Mark<TException>(TException exception) where TException : Exception
    {
        exception.Data[MarkKey] = 1;
        return exception;
    }

    public static bool IsMarked(this Exception exception) => exception.Data.Contains(MarkKey);

    private static Exception Process(IExceptionContext context, Exception exception) =>
        context is null ? Mark(exception) : context.Process(exception);

    private static string Format(string message, object[] args) =>
        args is null || args.Length == 0 ? message : string.Format(CultureInfo.InvariantCulture, message, args);

    public static Exception Except(this IExceptionContext context, string message, params object[] args) =>
        Process(context, new InvalidOperationException(Format(message, args)));

    public static Exception Except(this IExceptionContext context, Exception inner, string message) =>
        Process(context, new InvalidOperationException(message, inner));

    public static Exception ExceptParam(this IExceptionContext context, string parameter, string message = null, params object[] args) =>
        Process(context, message is null ? new ArgumentOutOfRangeException(parameter) : new ArgumentOutOfRangeException(parameter, Format(message, args)));

    public static Exception ExceptUserArg(this IExceptionContext context, string name, string message, params object[] args) =>
        ExceptParam(context, name, message, args);

    public static Exception ExceptDecode(this IExceptionContext context, string message = null, params object[] args) =>
        Process(context, message is null ? new FormatException() : new FormatException(Format(message, args)));

    public static Exception ExceptDecode(this IExceptionContext context, Exception inner, string message) =>
        Process(context, new FormatException(message, inner));

    public static Exception ExceptNotSupp(this IExceptionContext context, string message) =>
        Process(context, new NotSupportedException(message));

    public static Exception ExceptSchemaMismatch(this IExceptionContext context, string parameter, string columnRole, string columnName) =>
        ExceptParam(context, parameter, $"Could not find {columnRole} column '{columnName}'");

    public static Exception ExceptSchemaMismatch(this IExceptionContext context, string parameter, string columnRole, string columnName,
        string expectedType, string actualType) =>
        ExceptParam(context, parameter, $"Schema mismatch for {columnRole} column '{columnName}': expected {expectedType}, got {actualType}");

    public static void Check(this IExceptionContext context, bool condition, string message = null, params object[] args)
    {
        if (!condition)
            throw Process(context, message is null ? new InvalidOperationException() : new InvalidOperationException(Format(message, args)));
    }

    public static void CheckParam(this IExceptionContext context, bool condition, string parameter, string message = null)
    {
        if (!condition)
            throw ExceptParam(context, parameter, message);
    }

    public static void CheckUserArg(this IExceptionContext context, bool condition, string name, string message) =>
        CheckParam(context, condition, name, message);

    public static void CheckValue<T>(this IExceptionContext context, T value, string parameter) where T : class
    {
        if (value is null)
            throw Process(context, new ArgumentNullException(parameter));
    }

    public static void CheckNonEmpty(this IExceptionContext context, string value, string parameter) =>
        CheckParam(context, !string.IsNullOrEmpty(value), parameter, parameter + " cannot be null or empty");

    public static void CheckNonWhiteSpace(this IExceptionContext context, string value, string parameter) =>
        CheckParam(context, !string.IsNullOrWhiteSpace(value), parameter, parameter + " cannot be null or white space");

    public static void CheckNonEmpty<T>(this IExceptionContext context, IReadOnlyCollection<T> value, string parameter) =>
        CheckParam(context, value is { Count: > 0 }, parameter, parameter + " cannot be null or empty");

    public static void CheckDecode(this IExceptionContext context, bool condition, string message = null)
    {
        if (!condition)
            throw ExceptDecode(context, message);
    }

    /// <summary>Throws when the host, or the context that it was registered with, has been told to stop.</summary>
    public static void CheckAlive(this IHostEnvironment env)
    {
        if (env is ICancelable { IsCanceled: true })
            throw Process(env, new OperationCanceledException("Operation was canceled."));
    }
}
