using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Services;

/// <summary>What an application reads of a prediction.</summary>
internal static class PredictedColumns
{
    /// <exception cref="InvalidDataException">A column that was predicted before is missing, or has values of another kind.</exception>
    public static void RequireSame(Type prediction, DataViewSchema before, DataViewSchema after)
    {
        foreach (var name in SchemaDefinition.Create(prediction, SchemaDefinition.Direction.Write).Select(column => column.ColumnName))
        {
            if (before.GetColumnOrNull(name) is not { } old)
            {
                continue;
            }

            var found = after.GetColumnOrNull(name);
            if (found?.Type.RawType != old.Type.RawType)
            {
                throw new InvalidDataException(
                    $"The new model's column '{name}' must be {old.Type}, as that of the model before, but {(found is { } column ? $"is {column.Type}" : "is missing")}.");
            }
        }
    }
}
