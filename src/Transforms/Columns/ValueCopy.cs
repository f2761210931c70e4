using System.Reflection;
using Microsoft.ML.Data;

namespace MLNetLlm.Transforms;

/// <summary>Copies column values: a vector's numbers are copied, so that no two rows share a buffer; all else is assigned.</summary>
internal static class ValueCopy<T>
{
    public delegate void Copier(in T source, ref T destination);

    public static readonly Copier Copy = Create();

    private static Copier Create()
    {
        if (!typeof(T).IsGenericType || typeof(T).GetGenericTypeDefinition() != typeof(VBuffer<>))
            return static (in T source, ref T destination) => destination = source;
        MethodInfo method = typeof(ValueCopy<T>).GetMethod(nameof(CopyVector), BindingFlags.NonPublic | BindingFlags.Static)!;
        return method.MakeGenericMethod(typeof(T).GetGenericArguments()).CreateDelegate<Copier>();
    }

    private static void CopyVector<TItem>(in VBuffer<TItem> source, ref VBuffer<TItem> destination) => source.CopyTo(ref destination);
}
